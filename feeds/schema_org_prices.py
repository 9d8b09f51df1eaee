"""What a thing of schema.org costs, or pays."""

import re
from collections.abc import Mapping

from feeds.json_ld import word
from feeds.json_values import fields, listed, number, pence, text
from feeds.pay import lowest_of, said_pay
from feeds.schema_org_thing import first, instances


def cost(node: Mapping[str, object]) -> tuple[int | None, str | None]:
    """The lowest price in pence and a note. Prices without a currency are in pounds; others become words."""
    offers = [fields(offer) for offer in _offers(node)]
    priced = [(amount, word(offer.get("name"))) for offer in offers if (amount := _price(offer)) is not None]
    if priced:
        return lowest_of(priced)
    if node.get("isAccessibleForFree") is True or text(node.get("isAccessibleForFree")).lower() == "true":
        return 0, None
    other = dict.fromkeys(filter(None, map(_other_price, offers)))
    return None, "; ".join(other) or None


def _offers(node: Mapping[str, object]) -> list[object]:
    of_instances = [offer for each in instances(node) for offer in listed(each.get("offers"))]
    return listed(node.get("offers")) or of_instances or listed(fields(node.get("superEvent")).get("offers"))


def _amount(offer: Mapping[str, object]) -> tuple[str, str]:
    """A price and its currency, word by word."""
    detail = fields(first(offer.get("priceSpecification")))
    amount = next(filter(None, (text(each.get(name)) for each in (offer, detail) for name in _PRICES)), "")
    return amount, (text(offer.get("priceCurrency")) or text(detail.get("priceCurrency"))).upper()


_PRICES = ("price", "lowPrice", "minPrice")


def _price(offer: Mapping[str, object]) -> int | None:
    amount, currency = _amount(offer)
    if amount.lower() == "free":
        return 0
    return pence(amount) if currency in ("", "GBP", "£") or pence(amount) == 0 else None


def _other_price(offer: Mapping[str, object]) -> str:
    amount, currency = _amount(offer)
    return f"{amount} {currency}".strip() if amount else ""


def pay(node: Mapping[str, object]) -> tuple[int | None, str | None]:
    """As of an apprenticeship (`feeds.pay`): 0 with what it pays, none where no pay is told."""
    for name in ("baseSalary", "estimatedSalary", "trainingSalary"):
        salary = first(node.get(name))
        given = fields(salary)
        value = fields(given.get("value"))
        currency = text(given.get("currency")) or text(node.get("salaryCurrency"))
        low, high = (value or given).get("minValue"), (value or given).get("maxValue")
        amount = value.get("value") or given.get("value") or given.get("median") or (salary if not given else None)
        unit = text(value.get("unitText")) or text(given.get("unitText")) or _PER.get(text(given.get("duration")), "")
        if currency.upper() in ("", "GBP", "£") and (said := said_pay(amount, None, unit) or said_pay(low, high, unit)):
            return 0, f"Paid, {said}"
        foreign = " to ".join(filter(None, map(text, (amount, low, high)))) if currency else ""
        if foreign or text(salary):
            return 0, f"Paid, {foreign or text(salary)} {currency}".strip()
    return None, None


_PER = {"PT1H": "hour", "P1D": "day", "P1W": "week", "P1M": "month", "P1Y": "year"}


def is_full(node: Mapping[str, object]) -> bool:
    offers = [fields(offer) for offer in listed(node.get("offers"))]
    states = {re.split(r"[/:#]", text(offer.get("availability")))[-1].lower() for offer in offers}
    return number(node.get("remainingAttendeeCapacity")) == 0 or (bool(offers) and states <= {"soldout", "outofstock"})
