"""What things cost, and what an apprenticeship or a job pays, in the catalogue's words: "Paid, £9.20 an hour".

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


def lowest_of(priced: list[tuple[int, str]]) -> tuple[int | None, str | None]:
    """The lowest of some prices in pence, each with words about it; and a note with them all where they differ."""
    amounts = sorted({amount for amount, _ in priced})
    if len(amounts) < 2:
        said = list(dict.fromkeys(filter(None, (words for _, words in priced))))
        return (amounts[0] if amounts else None), "; ".join(said) or None
    each = (f"{said_pounds(amount)} {words}".strip() for amount, words in sorted(set(priced)))
    return amounts[0], f"From {'; '.join(each)}"
