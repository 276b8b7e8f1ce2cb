"""The devices whose sources are live and need a peer or hardware; all others are recordings or simulations."""

LIVE = frozenset(("grabber", "http", "https", "igtl", "rtsp", "udp"))
