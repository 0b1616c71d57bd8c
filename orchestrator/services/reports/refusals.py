"""Why a report cannot be made; the message says what to change."""


class ReportRefused(ValueError):
    """The question cannot be answered as it was asked."""


class OutOfSight(LookupError):
    """There is no such scope for this person."""
