"""Addresses: who is one and the same, as far as a server can tell."""

from ipaddress import IPv4Address, ip_address, ip_network


def neighbourhood(address: str) -> str:
    """Whoever guesses counts as one: an IPv4 address, or the /64 network that one IPv6 customer is given whole."""
    try:
        given = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(given, IPv4Address):
        return str(given)
    mapped = given.ipv4_mapped
    return str(mapped) if mapped else str(ip_network((given, 64), strict=False))
