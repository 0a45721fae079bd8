"""Looking at media, and fetching it: capped, from known hosts, strangers' bytes in a process of their own."""

from bot.media.download import DownloadedFile, Downloader, DownloadTimeouts
from bot.media.hosts import AllowedHosts, HostRule
from bot.media.probe import probe
from bot.media.resolver import PublicResolver
from bot.media.worker import MediaWorker

__all__ = [
    "AllowedHosts",
    "DownloadTimeouts",
    "DownloadedFile",
    "Downloader",
    "HostRule",
    "MediaWorker",
    "PublicResolver",
    "probe",
]
