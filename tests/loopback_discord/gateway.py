"""The gateway: websockets, sessions, heartbeats, and resuming with what was missed."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Callable
from enum import IntEnum

from aiohttp import WSMsgType, web

from tests.loopback_discord import payloads
from tests.loopback_discord.compression import Encoder, Plain, ZlibEach, encoder_for
from tests.loopback_discord.errors import JsonObject
from tests.loopback_discord.events import PRIVILEGED, Event, Intent
from tests.loopback_discord.ids import shard_of
from tests.loopback_discord.world import World

HEARTBEAT_INTERVAL_MS = 41_250


class Opcode(IntEnum):
    """Discord's gateway opcodes."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE_UPDATE = 3
    VOICE_STATE_UPDATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_GUILD_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class CloseCode(IntEnum):
    """Discord's close codes, bar the first (the websocket's own)."""

    GOING_AWAY = 1001
    UNKNOWN_ERROR = 4000
    UNKNOWN_OPCODE = 4001
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    INVALID_SEQ = 4007
    RATE_LIMITED = 4008
    SESSION_TIMED_OUT = 4009
    DISALLOWED_INTENTS = 4014


#: A client that is closed with one of these has to identify anew.
_ENDS_SESSION = frozenset(
    {CloseCode.AUTHENTICATION_FAILED, CloseCode.INVALID_SEQ, CloseCode.SESSION_TIMED_OUT}
)


class Connection:
    """One websocket; what it is to say waits in a queue, so that anybody may say it."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        self.encoder: Encoder = encoder_for(request.query.get("compress"))
        self.socket = socket
        self.session: Session | None = None
        self._request = request
        self._outgoing: asyncio.Queue[JsonObject] = asyncio.Queue()

    def say(
        self, op: Opcode, data: object = None, *, seq: int | None = None, name: str | None = None
    ) -> None:
        self._outgoing.put_nowait({"op": int(op), "d": data, "s": seq, "t": name})

    async def write(self) -> None:
        """Send what is queued, until the socket is gone."""
        with contextlib.suppress(ConnectionError):
            while True:
                payload = await self._outgoing.get()
                message = self.encoder.encode(payload)  # looked up now: IDENTIFY may have changed it
                if isinstance(message, str):
                    await self.socket.send_str(message)
                else:
                    await self.socket.send_bytes(message)

    def abort(self) -> None:
        """Cut the connection without a closing handshake."""
        if self._request.transport is not None:
            self._request.transport.abort()


class Session:
    """What a client identified as; it outlives its connections."""

    def __init__(self, shard: tuple[int, int], intents: int) -> None:
        self.id = secrets.token_hex(16)
        self.shard = shard
        self.intents = intents
        self.connection: Connection | None = None
        self.events: list[tuple[str, JsonObject]] = []

    @property
    def connected(self) -> bool:
        return self.connection is not None

    def sees(self, event: Event) -> bool:
        number, count = self.shard
        home = 0 if event.guild_id is None else shard_of(event.guild_id, count)
        return home == number and (not event.intent or bool(event.intent & self.intents))

    def dispatch(self, name: str, data: JsonObject) -> None:
        """Remember an event, and tell it at once where somebody listens."""
        self.events.append((name, data))
        if self.connection is not None:
            self.connection.say(Opcode.DISPATCH, data, seq=len(self.events), name=name)

    def replay(self, after_seq: int) -> None:
        """Tell again what came after `after_seq`, then RESUMED."""
        if self.connection is None:
            return
        for seq, (name, data) in enumerate(self.events, start=1):
            if seq > after_seq:
                self.connection.say(Opcode.DISPATCH, data, seq=seq, name=name)
        self.dispatch("RESUMED", {})


class Gateway:
    """The websocket endpoint and its sessions.

    Attributes:
        refuse_resume: answer RESUME with an invalid session.
        refuse_connections: answer the websocket's upgrade with 503.
        acknowledge_heartbeats: switch off to look like a dead connection.
        privileged_intents: those the application was granted; others close with 4014.
    """

    def __init__(self, world: World, token: str, url: Callable[[], str]) -> None:
        self.refuse_resume = False
        self.refuse_connections = False
        self.acknowledge_heartbeats = True
        self.heartbeat_interval_ms = HEARTBEAT_INTERVAL_MS
        self.privileged_intents = Intent.NONE
        self.sessions: list[Session] = []
        self.resumed = 0
        self._world = world
        self._token = token
        self._url = url
        self._connections: set[Connection] = set()
        world.listeners.append(self.publish)

    # --- for tests --------------------------------------------------------------------------------

    @property
    def connected(self) -> list[Session]:
        """Sessions with a client listening."""
        return [item for item in self.sessions if item.connected]

    def drop(self) -> None:
        """Cut every connection as a broken network would; sessions stay resumable."""
        for connection in list(self._connections):
            self._detach(connection)
            connection.abort()
        self._world.changes.notify()

    def ask_to_reconnect(self) -> None:
        """Opcode 7, as Discord sends it now and then."""
        for connection in self._connections:
            connection.say(Opcode.RECONNECT)

    def invalidate_sessions(self, *, resumable: bool = False) -> None:
        """Opcode 9."""
        for connection in self._connections:
            connection.say(Opcode.INVALID_SESSION, resumable)

    async def close(self, code: CloseCode = CloseCode.GOING_AWAY) -> None:
        """Close every connection with a code; the sessions stay, except after those codes that end them."""
        for connection in list(self._connections):
            session = connection.session
            self._detach(connection)
            if session is not None and code in _ENDS_SESSION:
                self.sessions.remove(session)
            await connection.socket.close(code=code)

    def take_token(self, token: str) -> None:
        """Only this token identifies from now on."""
        self._token = token

    # --- for the server ---------------------------------------------------------------------------

    def publish(self, event: Event) -> None:
        for session in self.sessions:
            if session.sees(event):
                session.dispatch(event.name, event.data_for(session.intents))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One connection, from HELLO to its end."""
        if self.refuse_connections:
            return web.Response(status=503)
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        connection = Connection(request, socket)
        self._connections.add(connection)
        connection.say(Opcode.HELLO, {"heartbeat_interval": self.heartbeat_interval_ms, "_trace": []})
        writer = asyncio.create_task(connection.write())
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._received(connection, json.loads(message.data))
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            self._detach(connection)
            self._connections.discard(connection)
            self._world.changes.notify()
        return socket

    async def _received(self, connection: Connection, payload: JsonObject) -> None:
        data = payload.get("d")
        match payload.get("op"):
            case Opcode.HEARTBEAT:
                if self.acknowledge_heartbeats:
                    connection.say(Opcode.HEARTBEAT_ACK)
            case Opcode.IDENTIFY if isinstance(data, dict):
                await self._identify(connection, data)
            case Opcode.RESUME if isinstance(data, dict):
                await self._resume(connection, data)
            case Opcode.REQUEST_GUILD_MEMBERS if isinstance(data, dict):
                self._send_members(connection, data)
            case Opcode.PRESENCE_UPDATE | Opcode.VOICE_STATE_UPDATE:
                pass
            case _:
                await connection.socket.close(code=CloseCode.UNKNOWN_OPCODE)

    async def _identify(self, connection: Connection, data: JsonObject) -> None:
        if data["token"] != self._token:
            await connection.socket.close(code=CloseCode.AUTHENTICATION_FAILED)
            return
        if data["intents"] & PRIVILEGED & ~self.privileged_intents:
            await connection.socket.close(code=CloseCode.DISALLOWED_INTENTS)
            return
        if data.get("compress") and isinstance(connection.encoder, Plain):
            connection.encoder = ZlibEach()
        number, count = data.get("shard") or (0, 1)
        session = Session((number, count), data["intents"])
        self.sessions.append(session)
        session.connection, connection.session = connection, session
        self._greet(session)
        self._world.changes.notify()

    def _greet(self, session: Session) -> None:
        """READY, then each of the shard's guilds."""
        number, count = session.shard
        guilds = [item for item in self._world.bot_guilds() if shard_of(item.id, count) == number]
        ready: JsonObject = {
            "v": 10,
            "user": payloads.user(self._world.bot),
            "guilds": [{"id": str(item.id), "unavailable": True} for item in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self._url(),
            "shard": [number, count],
            "application": {"id": str(self._world.application_id), "flags": 0},
        }
        session.dispatch("READY", ready)
        if session.intents & Intent.GUILDS:
            for guild in guilds:
                session.dispatch("GUILD_CREATE", payloads.guild_create(guild))

    async def _resume(self, connection: Connection, data: JsonObject) -> None:
        if data["token"] != self._token:
            await connection.socket.close(code=CloseCode.AUTHENTICATION_FAILED)
            return
        session = next((item for item in self.sessions if item.id == data["session_id"]), None)
        if session is None or self.refuse_resume:
            connection.say(Opcode.INVALID_SESSION, data=False)
            return
        if session.connection is not None:
            session.connection.session = None
        session.connection, connection.session = connection, session
        session.replay(data["seq"] or 0)
        self.resumed += 1
        self._world.changes.notify()

    def _send_members(self, connection: Connection, data: JsonObject) -> None:
        guild = self._world.guilds.get(int(data["guild_id"]))
        if guild is None or connection.session is None:
            return
        asked = data.get("user_ids") or []
        wanted = {int(item) for item in (asked if isinstance(asked, list) else [asked])}
        prefix = data.get("query")
        members = [
            item
            for item in guild.members.values()
            if item.id in wanted or (prefix is not None and item.name.startswith(prefix))
        ]
        chunk: JsonObject = {
            "guild_id": str(guild.id),
            "members": [payloads.member(item) for item in members],
            "not_found": [str(item) for item in wanted - guild.members.keys()],
            "chunk_index": 0,
            "chunk_count": 1,
            "nonce": data.get("nonce"),
        }
        connection.session.dispatch("GUILD_MEMBERS_CHUNK", chunk)

    @staticmethod
    def _detach(connection: Connection) -> None:
        """The session goes on without this connection, keeping what happens for a resume."""
        session = connection.session
        if session is not None and session.connection is connection:
            session.connection = None
        connection.session = None
