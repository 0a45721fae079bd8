"""A member's wallet in words: what there is, and what moved."""

import re

from bot.community.wallets import Wallet
from bot.credits.usage import Movement
from bot.locale import Words

_MEMBER = re.compile(r"member:\d+:(?P<user>\d+)")


def wallet_text(wallet: Wallet, words: Words) -> str:
    """The balance, and the allowance where the tier has one."""
    lines = [words("balance", count=wallet.balance)]
    if wallet.refill_at is not None:
        tier = wallet.tier
        when = f"<t:{wallet.refill_at // 1000}:R>"
        lines.append(
            words("balance-allowance", amount=tier.allowance, period=tier.period, cap=tier.cap, when=when)
        )
    return "\n".join(lines)


def movement_line(movement: Movement, words: Words) -> str:
    """One movement: how much, why, and when."""
    amount = f"{movement.amount:+d}".replace("-", "\N{MINUS SIGN}")
    return f"`{amount:>6}` {_reason(movement, words)} · <t:{movement.at // 1000}:R>"


def _reason(movement: Movement, words: Words) -> str:
    """By the reference's kind; by the other account where staff chose the reference themselves."""
    kind, _, about = movement.reference.partition(":")
    if kind == "opening":
        return words("movement-opening")
    if kind == "allowance":
        return words("movement-allowance", period=about.rpartition(":")[2])
    if kind in ("hold", "release", "refund"):
        return words(f"movement-{kind}", job=about)
    return _between(movement, words)


def _between(movement: Movement, words: Words) -> str:
    member = _MEMBER.fullmatch(movement.other)
    if member is None:
        return words("movement-revoked" if movement.amount < 0 else "movement-granted")
    name = "movement-given" if movement.amount < 0 else "movement-received"
    return words(name, member=f"<@{member['user']}>")
