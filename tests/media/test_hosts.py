import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bot.errors import DownloadRefused
from bot.media import AllowedHosts, HostRule
from bot.media.hosts import is_public

HOSTS = AllowedHosts.parse(
    ["cdn.discordapp.com", ".runcomfy.net", "bücher.example", "127.0.0.1:8123", "localhost", "[::1]:9000"]
)


def refusal(url: str, *, encoded: bool = False) -> str:
    with pytest.raises(DownloadRefused) as caught:
        HOSTS.check(URL(url, encoded=encoded))
    return caught.value.reason


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.discordapp.com/a.png?ex=1",
        "https://cdn.discordapp.com:443/a.png",
        "https://CDN.DiscordApp.com./a.png",
        "https://runcomfy.net/a.mp4",
        "https://outputs.runcomfy.net/a.mp4",
        "https://a.b.runcomfy.net/a.mp4",
        "https://bücher.example/a",
        "https://xn--bcher-kva.example/a",
        "http://127.0.0.1:8123/a",
        "https://127.0.0.1:8123/a",
        "http://localhost/a",
        "http://localhost:5555/a",
        "http://[::1]:9000/a",
    ],
)
@pytest.mark.parametrize("encoded", [False, True])
def test_listed_addresses_pass(url: str, *, encoded: bool) -> None:
    HOSTS.check(URL(url, encoded=encoded))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://evil.example/a", "host"),
        ("https://notruncomfy.net/a", "host"),
        ("https://runcomfy.net.evil.example/a", "host"),
        ("https://x.cdn.discordapp.com/a", "host"),
        ("https://runcomfy.net@evil.example/a", "user_info"),
        ("https://me:secret@cdn.discordapp.com/a", "user_info"),
        ("http://cdn.discordapp.com/a", "scheme"),
        ("https://cdn.discordapp.com:8443/a", "port"),
        ("http://cdn.discordapp.com:443/a", "scheme"),
        ("ftp://cdn.discordapp.com/a", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("//cdn.discordapp.com/a", "scheme"),
        ("https:///a", "address"),
        ("https://.runcomfy.net/a", "address"),
        ("https://a..runcomfy.net/a", "address"),
        ("http://127.0.0.1:8124/a", "port"),
        ("http://127.0.0.1/a", "port"),
        ("http://127.0.0.2:8123/a", "host"),
        ("http://127.1:8123/a", "host"),
        ("http://2130706433:8123/a", "host"),
        ("http://0177.0.0.1:8123/a", "host"),
        ("http://0x7f000001:8123/a", "host"),
        ("http://[64:ff9b::7f00:1]:8123/a", "host"),
        ("http://[::127.0.0.1]:8123/a", "host"),
        ("http://[::ffff:127.0.0.1]:8123/a", "host"),
        ("http://169.254.169.254/latest/meta-data", "host"),
        ("http://[::1]/a", "port"),
    ],
)
def test_everything_else_is_refused_with_its_reason(url: str, reason: str) -> None:
    assert refusal(url) == reason
    assert refusal(url, encoded=True) == reason


@pytest.mark.parametrize("address", ["10.0.0.7", "169.254.169.254", "100.64.0.1", "[fd00::1]", "[fe80::1]"])
def test_a_private_address_is_refused_even_where_it_is_listed(address: str) -> None:
    hosts = AllowedHosts.parse([address])
    with pytest.raises(DownloadRefused, match="private_address"):
        hosts.check(URL(f"https://{address}/a"))


def test_a_public_address_may_be_listed() -> None:
    AllowedHosts.parse(["1.1.1.1"]).check(URL("https://1.1.1.1/a"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..example",
        "https://cdn.example",
        "a/b",
        "a:b",
        "a:0",
        "a:70000",
        "cdn.example:8443",
        ".127.0.0.1",
        "[::1]x",
        "[::1]:",
        "a b",
    ],
)
def test_what_is_no_rule_is_an_error_when_the_list_is_read(text: str) -> None:
    with pytest.raises(ValueError):
        HostRule.parse(text)


def test_a_rule_is_compared_in_its_normal_form() -> None:
    assert HostRule.parse(" .RunComfy.NET. ") == HostRule("runcomfy.net", subdomains=True)
    assert HostRule.parse("0:0:0:0:0:0:0:1") == HostRule("::1")


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "127.0.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "fec0::1",
        "2001:db8::1",
        "2001::1",
        "4000::1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::10.0.0.1",
        "::10.0.0.1",
        "2002:0a00:0001::1",
    ],
)
def test_addresses_that_are_not_on_the_public_internet(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "162.159.130.233", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"]
)
def test_addresses_that_are(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@given(st.text(max_size=40), st.booleans())
def test_no_text_breaks_the_check(text: str, encoded: bool) -> None:  # noqa: FBT001 - hypothesis passes it
    try:
        url = URL(text, encoded=encoded)
    except ValueError:
        return
    with pytest.raises(DownloadRefused):
        HOSTS.check(url)
