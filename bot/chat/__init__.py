"""What all chat features share: access, language, errors, cards, pages, form state, pacing."""
