"""Which addresses files are fetched from: a short list of hosts, and nothing inside our own network."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from yarl import URL

from bot.errors import DownloadRefused

HTTPS_PORT = 443
_LARGEST_PORT = 65_535

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Addresses that carry an IPv4 address: whoever routes them reaches that one, so that one is judged.
# NAT64's well-known prefix: RFC 6052. (Mapped and 6to4 addresses are known to `ipaddress`.)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# All of IPv6 that is in public use: RFC 4291, section 2.4, and IANA's registry.
_IPV6_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")


def normalised_host(host: str) -> str:
    """Bring a host to the form in which hosts are compared: lower case, punycode, no final dot, no brackets.

    Raises:
        ValueError: this cannot be a host.
    """
    bare = host.strip().removeprefix("[").removesuffix("]")
    address = parse_address(bare)
    if address is not None:
        return str(address)
    bare = bare.removesuffix(".")
    if not bare or any(not label for label in bare.split(".")):
        raise ValueError(host)
    encoded = URL.build(scheme="https", host=bare).raw_host
    if encoded is None:
        raise ValueError(host)
    return encoded.lower()


def parse_address(host: str) -> _Address | None:
    """Read a literal IP address; `None` where the host is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_public(address: _Address) -> bool:
    """Tell whether an address is on the public internet: not private, local, shared or multicast."""
    if isinstance(address, ipaddress.IPv6Address):
        carried = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            carried = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if carried is not None:
            return is_public(carried)
        return address in _IPV6_GLOBAL_UNICAST and address.is_global
    return address.is_global and not address.is_multicast and not address.is_reserved


def is_loopback_host(host: str) -> bool:
    """Tell whether a normalised host is this machine: `localhost`, 127.0.0.0/8 or ::1."""
    address = parse_address(host)
    return host == "localhost" if address is None else address.is_loopback


@dataclass(frozen=True, slots=True)
class HostRule:
    """One entry of the list.

    Attributes:
        host: a normalised host.
        subdomains: whether every name below it belongs to it too.
        port: the only port; `None` means 443, and any port on a loopback host.
    """

    host: str
    subdomains: bool = False
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `cdn.example`, `.example` (and all its subdomains), `127.0.0.1:8123`, `[::1]:8123` and such.

        Raises:
            ValueError: not a rule, or another port than 443 on a host that is not this machine.
        """
        name, port = _split_port(text.strip())
        host = normalised_host(name.removeprefix("."))
        subdomains = name.startswith(".")
        if subdomains and parse_address(host) is not None:
            raise ValueError(text)
        if port not in (None, HTTPS_PORT) and not is_loopback_host(host):
            raise ValueError(text)
        return cls(host, subdomains, port)

    def covers(self, host: str, port: int | None) -> bool:
        """Tell whether a normalised host belongs to this rule, at this port (`None`: whatever the port)."""
        if host != self.host and not (self.subdomains and host.endswith("." + self.host)):
            return False
        return port is None or self.port is None or port == self.port


class AllowedHosts:
    """The hosts that files are fetched from.

    Public hosts are asked by HTTPS on port 443 alone. Plain HTTP and other ports are for hosts of this
    machine that the list names: a stand-in, or a rehearsal.
    """

    def __init__(self, rules: Iterable[HostRule]) -> None:
        self._rules = tuple(rules)

    @classmethod
    def parse(cls, hosts: Iterable[str]) -> Self:
        """Read a list of rules, each as `HostRule.parse` has it.

        Raises:
            ValueError: one of them is not a rule.
        """
        return cls(HostRule.parse(host) for host in hosts)

    def check(self, url: URL) -> None:
        """Let an address pass or refuse it.

        Raises:
            DownloadRefused: `scheme`, `address` (no host in it), `user_info`, `host`, `port` or
                `private_address`.
        """
        if url.scheme not in ("https", "http"):
            raise DownloadRefused("scheme")
        try:
            has_user_info = url.raw_user is not None or url.raw_password is not None
            host = normalised_host(url.raw_host or "")
            port = url.port
        except ValueError as error:
            raise DownloadRefused("address") from error
        if has_user_info:
            raise DownloadRefused("user_info")
        if not any(rule.covers(host, None) for rule in self._rules):
            raise DownloadRefused("host")
        if not any(rule.covers(host, port) for rule in self._rules):
            raise DownloadRefused("port")
        if not is_loopback_host(host):
            self._check_public(host, url.scheme, port)

    def _check_public(self, host: str, scheme: str, port: int | None) -> None:
        if scheme != "https":
            raise DownloadRefused("scheme")
        if port != HTTPS_PORT:
            raise DownloadRefused("port")
        address = parse_address(host)
        if address is not None and not is_public(address):
            raise DownloadRefused("private_address")

    def allows_address(self, host: str, address: str) -> bool:
        """Tell whether a host may be reached at an address its name was resolved to.

        A listed host of this machine stays on this machine; every other name leads to the public internet.
        """
        parsed = parse_address(address.partition("%")[0])
        if parsed is None:
            return False
        try:
            name = normalised_host(host)
        except ValueError:
            return False
        if is_loopback_host(name) and any(rule.covers(name, None) for rule in self._rules):
            return parsed.is_loopback
        return is_public(parsed)


def _split_port(text: str) -> tuple[str, int | None]:
    if text.startswith("["):
        host, _, rest = text.partition("]")
        host, colon, port = host[1:], rest[:1], rest[1:]
        if rest and colon != ":":
            raise ValueError(text)
    elif parse_address(text) is not None:
        return text, None
    else:
        host, colon, port = text.partition(":")
    if not colon:
        return host, None
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= _LARGEST_PORT):
        raise ValueError(text)
    return host, int(port)
