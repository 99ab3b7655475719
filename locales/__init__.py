"""The translations (gettext, one `messages.po` a language) and the two commands that keep them complete."""
