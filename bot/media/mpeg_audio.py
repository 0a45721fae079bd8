"""The headers of MPEG audio: frames (ISO/IEC 11172-3 and 13818-3) and the ID3v2 tag before them."""

import re

# A sync word of eleven bits, then version, layer, bit rate, sampling rate and padding.
_FRAME = re.compile(rb"\xff[\xe0-\xff].", re.DOTALL)
# Version, flags, and a length of four times seven bits (ID3v2.4, section 3.1).
_ID3 = re.compile(rb"ID3..(.)([\0-\x7f]{4})", re.DOTALL)
_ID3_HEADER_BYTES = 10
_ID3_HAS_FOOTER = 0x10

_LAYER_3 = 3
_LAYERS = {1: _LAYER_3, 2: 2, 3: 1}  # the header's two bits: the layer
_MPEG_1 = 3
_SAMPLES_A_SECOND = {
    3: (44_100, 48_000, 32_000),  # MPEG-1
    2: (22_050, 24_000, 16_000),  # MPEG-2
    0: (11_025, 12_000, 8_000),  # MPEG-2.5
}
# Kilobits a second of layer III.
_KILOBITS_1 = (None, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, None)
_KILOBITS_2 = (None, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, None)


def id3_length(head: bytes) -> int:
    """Length (bytes) of the ID3v2 tag that a file begins with: 0 where there is none."""
    tag = _ID3.match(head)
    if tag is None:
        return 0
    size = 0
    for byte in tag[2]:
        size = size << 7 | byte
    has_footer = bool(tag[1][0] & _ID3_HAS_FOOTER)
    return size + _ID3_HEADER_BYTES * (2 if has_footer else 1)


def layer(head: bytes) -> int | None:
    """Tell which layer a bare stream is of; `None` where it is no MPEG audio.

    Two bytes are a weak sign, so layer III must also show a valid header and a second frame behind the first.
    """
    if not _FRAME.match(head):
        return None
    found = _LAYERS.get(head[1] >> 1 & 3)
    if found == _LAYER_3:
        length = _frame_length(head)
        # The first two bytes are the same in every frame of a stream.
        if not length or not head[:2].startswith(head[length : length + 2]):
            return None
    return found


def _frame_length(header: bytes) -> int:
    """Length (bytes) of a layer III frame by its header; 0 where the header is none."""
    version, padding = header[1] >> 3 & 3, header[2] >> 1 & 1
    is_first = version == _MPEG_1
    kilobits = (_KILOBITS_1 if is_first else _KILOBITS_2)[header[2] >> 4]
    rates = _SAMPLES_A_SECOND.get(version, ())
    if kilobits is None or (header[2] >> 2 & 3) >= len(rates):
        return 0
    return (144 if is_first else 72) * kilobits * 1000 // rates[header[2] >> 2 & 3] + padding
