"""Samba's audit log (`vfs_full_audit`): who did what on a share."""
