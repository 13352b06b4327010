"""What a verb may say no with; app.py turns each into a page."""


class Refused(Exception):
    """A rule of the business said no. The text is a sentence for the person who asked."""


class NotFound(Exception):
    """There is no such record, or none that this person may know of."""


class Conflict(Refused):
    """Somebody else changed the record meanwhile."""


class TooMany(Refused):
    """Asked too often; later it works again."""
