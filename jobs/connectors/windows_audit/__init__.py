"""The security log of Windows: who wrote to and deleted files of a share."""
