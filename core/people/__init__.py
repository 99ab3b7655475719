"""People: who may do what, in which language and zone; access asked for and granted; the audit trail."""
