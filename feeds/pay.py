"""What an apprenticeship or a job pays, as the catalogue's own say it: "Paid, £9.20 an hour".

Whoever takes it pays nothing, so `cost_pence` is 0 with it, and pages show the note in its place: nothing of that
kind is called free.
"""

from feeds.json_values import pence, text

# Words of the Display Advert API and of schema.org's `unitText`.
PER = {
    "hour": "an hour",
    "hourly": "an hour",
    "day": "a day",
    "daily": "a day",
    "week": "a week",
    "weekly": "a week",
    "month": "a month",
    "monthly": "a month",
    "year": "a year",
    "yearly": "a year",
    "annual": "a year",
    "annually": "a year",
}


def said_pounds(amount_pence: int) -> str:
    """Such as "£8.50" and "£18,000"."""
    return f"£{amount_pence / 100:,.2f}".removesuffix(".00")


def said_pay(low: object, high: object, unit: object) -> str:
    """Such as "£18,000 to £20,000 a year"; nothing where no amount above 0 is given."""
    amounts = sorted({amount for amount in (pence(low), pence(high)) if amount})
    per = PER.get(text(unit).lower(), "")
    return f"{' to '.join(map(said_pounds, amounts))} {per}".strip() if amounts else ""
