"""A real Home Assistant, driven line by line: runs under its Python, never under ours.

    python inside.py CONFIG_FOLDER BROKER_PORT

Every line on stdin is a JSON object with ``do``; every answer is a JSON line on stdout.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from typing import Any

from homeassistant import bootstrap, runner
from homeassistant.components.device_automation import (
    DeviceAutomationType,
    async_get_device_automations,
)
from homeassistant.const import __version__
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import device_registry, entity_registry
from homeassistant.helpers.trigger import async_initialize_triggers

PATIENCE_S = 30.0

# Only what the test needs: no frontend, no backup, nothing that asks the network.
bootstrap.DEFAULT_INTEGRATIONS = {"automation"}
bootstrap.CRITICAL_INTEGRATIONS = set()

# What Home Assistant says of its own installation.
NOT_ABOUT_US = {"aiohttp_fast_zlib"}


class Complaints(logging.Handler):
    """Keeps every warning and error."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.all: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name not in NOT_ABOUT_US and "Skipping pip" not in record.getMessage():
            self.all.append(f"{record.levelname} {record.name}: {record.getMessage()}")


class Inside:
    """The Home Assistant and what has been seen in it."""

    def __init__(self, hass: HomeAssistant, complaints: Complaints) -> None:
        self.hass = hass
        self.complaints = complaints
        self.fired: list[str] = []
        self.calls: list[dict[str, Any]] = []
        for domain, service in (("tts", "speak"), ("light", "turn_on"), ("notify", "notify")):
            hass.services.async_register(domain, service, self._note_call)

    def _note_call(self, call: ServiceCall) -> None:
        self.calls.append({"service": f"{call.domain}.{call.service}", "data": dict(call.data)})

    async def connect(self, port: int) -> None:
        flow = await self.hass.config_entries.flow.async_init("mqtt", context={"source": "user"})
        await self.hass.config_entries.flow.async_configure(
            flow["flow_id"], {"broker": "127.0.0.1", "port": port}
        )
        await self.hass.async_block_till_done()

    async def do(self, order: dict[str, Any]) -> object:
        return await getattr(self, f"do_{order.pop('do')}")(**order)

    async def do_wait(self, entity: str, state: str) -> dict[str, Any]:
        return await self._until(
            lambda: (now := self.hass.states.get(entity)) is not None and now.state == state,
            lambda: self._shown(entity),
        )

    async def do_wait_attribute(self, entity: str, name: str, value: object) -> dict[str, Any]:
        return await self._until(
            lambda: (
                (now := self.hass.states.get(entity)) is not None
                and now.attributes.get(name) == value
            ),
            lambda: self._shown(entity),
        )

    async def do_wait_gone(self, entity: str) -> dict[str, Any]:
        return await self._until(
            lambda: self.hass.states.get(entity) is None, lambda: self._shown(entity)
        )

    async def do_states(self) -> dict[str, Any]:
        return {
            state.entity_id: self._shown(state.entity_id) for state in self.hass.states.async_all()
        }

    async def do_entities(self) -> list[dict[str, Any]]:
        registry = entity_registry.async_get(self.hass)
        return [
            {
                "entity_id": entry.entity_id,
                "unique_id": entry.unique_id,
                "disabled": entry.disabled,
                "category": entry.entity_category,
            }
            for entry in registry.entities.values()
            if entry.platform == "mqtt"
        ]

    async def do_devices(self) -> list[dict[str, Any]]:
        registry = device_registry.async_get(self.hass)
        return [
            {"name": device.name, "via": device.via_device_id is not None, "sw": device.sw_version}
            for device in registry.devices.values()
        ]

    async def do_call(self, domain: str, service: str, data: dict[str, Any]) -> str:
        await self.hass.services.async_call(domain, service, data, blocking=True)
        return "called"

    async def do_attach_triggers(self, device: str) -> list[str]:
        registry = device_registry.async_get(self.hass)
        (found,) = [one for one in registry.devices.values() if one.name == device]
        by_device = await async_get_device_automations(
            self.hass, DeviceAutomationType.TRIGGER, [found.id]
        )
        ours = [one for one in by_device[found.id] if one["domain"] == "mqtt"]
        for one in ours:
            name = f"{one['subtype']} {one['type']}"
            config = {key: value for key, value in one.items() if key != "metadata"}
            await async_initialize_triggers(
                self.hass, [config], self._fire(name), "test", name, lambda *_, **__: None
            )
        await self.hass.async_block_till_done()
        return sorted(f"{one['subtype']} {one['type']}" for one in ours)

    def _fire(self, name: str) -> Callable[..., None]:
        @callback
        def action(*_: object, **__: object) -> None:
            self.fired.append(name)

        return action

    async def do_fired(self) -> list[str]:
        return self.fired

    async def do_calls(self) -> list[dict[str, Any]]:
        await self.hass.async_block_till_done()
        return self.calls

    async def do_complaints(self) -> list[str]:
        return self.complaints.all

    async def do_version(self) -> str:
        return str(__version__)

    def _shown(self, entity: str) -> dict[str, Any]:
        state = self.hass.states.get(entity)
        if state is None:
            return {"state": None, "attributes": {}}
        return {"state": state.state, "attributes": dict(state.attributes)}

    async def _until(
        self, test: Callable[[], bool], show: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        news = asyncio.Event()
        stop = self.hass.bus.async_listen("state_changed", callback(lambda _: news.set()))
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not test():
                    news.clear()
                    await news.wait()
        except TimeoutError:
            return {"timeout": show()}
        finally:
            stop()
        return show()


async def main(folder: str, port: int) -> None:
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    # This file alone decides what goes to stdout.
    out, sys.stdout = sys.stdout, sys.stderr
    config = runner.RuntimeConfig(config_dir=folder, skip_pip=True)
    hass = await bootstrap.async_setup_hass(config)
    assert hass is not None
    inside = Inside(hass, complaints)
    await hass.async_start()
    await inside.connect(port)
    print(json.dumps({"ready": str(__version__)}), file=out, flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        answer = await inside.do(json.loads(line))
        print(json.dumps(answer, default=str), file=out, flush=True)
    await hass.async_stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
