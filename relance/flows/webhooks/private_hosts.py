"""Where a webhook may lead: public addresses, and what the operator names (spec/flows.md 6.2). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from relance.kernel.errors import Invalid

Address = IPv4Address | IPv6Address

_NAT64 = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class PrivateHosts:
    """What the operator allows although it is private: host names, and networks (an address is a network of one)."""

    names: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def allow(self, host: str, address: Address) -> bool:
        if host.lower() in self.names:
            return True
        return any(address in network for network in self.networks if network.version == address.version)


def read_private_hosts(text: str) -> PrivateHosts:
    """From "crm.internal, 127.0.0.1, 10.1.0.0/16". Raises Invalid."""
    names, networks = set(), []
    for word in text.replace(",", " ").split():
        try:
            networks.append(ip_network(word, strict=False))
        except ValueError:
            if "/" in word or ":" in word:
                raise Invalid(
                    f"{word!r} is neither a host name nor a network",
                    where="RELANCE_PRIVATE_HOSTS",
                    mend="Write for example crm.internal, 10.1.0.0/16",
                ) from None
            names.add(word.lower())
    return PrivateHosts(frozenset(names), tuple(networks))


def is_public(address: Address) -> bool:
    """Reachable by everybody, also when an IPv4 address hides in an IPv6 one.

    >>> [is_public(ip_address(one)) for one in ("93.184.216.34", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1")]
    [True, False, False, False]
    """
    if isinstance(address, IPv6Address) and (hidden := _hidden(address)):
        return is_public(hidden)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _hidden(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def usable(host: str, found: list[str], private: PrivateHosts) -> tuple[str | None, bool]:
    """(the first of the host's addresses that may be called, whether only the operator's word allows it)."""
    for text in found:
        address = ip_address(text.partition("%")[0])
        if is_public(address):
            return str(address), False
        if private.allow(host, address):
            return str(address), True
    return None, False
