"""What is wrong with a backup."""


class BackupFault(Exception):
    """The backup was not made, or what was read back of it is not whole; the message is an Indonesian sentence."""
