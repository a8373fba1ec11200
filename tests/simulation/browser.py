"""A browser: one cookie jar for all its tabs, requests in bursts, and its person at the login page."""

import asyncio
from dataclasses import replace

from tests.conftest import PASSWORD
from tests.simulation.cookies import Jar
from tests.simulation.messages import Answer, Request, is_prompt
from tests.simulation.world import LOST, World

NAME = "Ann"
TRIES = 30  # in a row; more than chance could ever want


class Browser:
    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.jar = Jar(world.site.scheme)

    async def send(self, *requests: Request) -> list[Answer | None]:
        """All at once with the same cookies. Answers arrive in any order; None is one that never does."""
        world = self.world
        world.step_clock()
        fates = [world.fate() for _ in requests]
        cookies = [self.jar.header(request, world.clock.real) for request in requests]
        answers = await asyncio.gather(*map(self._arrival, requests, cookies, fates))
        for answer in world.chance.sample(answers, len(answers)):
            if answer is not None:
                self.jar.take(answer.cookies, world.clock.real)
        return answers

    async def _arrival(self, request: Request, cookies: str, fate: str) -> Answer | None:
        fault = fate if fate != LOST else ""
        answer = await self.world.site.ask(request, cookies, fault)
        self.world.count("requests")
        if answer is None or fate == LOST:
            self.world.count("lost responses")
            return None
        foreseen = answer.status == 500 if fault else answer.status < 400 or answer.status == 409
        assert foreseen or is_prompt(request, answer), f"{request}, {fault or 'no fault'}: {answer}"
        self.world.count(str(answer.status))
        self.world.tally.counts["renewals"] += any("refresh_token_" in line for line in answer.cookies)
        return answer

    async def ask(self, request: Request) -> Answer:
        """The answer that arrives in the end: lost ones are asked for again, a login prompt is obeyed."""
        return await self.settle(request, *(await self.send(request)))

    async def settle(self, request: Request, answer: Answer | None) -> Answer:
        for _ in range(TRIES):
            if answer is not None and not is_prompt(request, answer):
                return answer
            if answer is not None:
                self.world.prompted(self.name, f"{request} -> {answer.status}")
                await self.sign_in()
                request = replace(request, site="same-origin")  # the login page leads there
            self.world.clock.pass_by(seconds=self.world.chance.randint(1, 30))
            answer = (await self.send(request))[0]
        raise AssertionError(f"{self.name}: no answer to {request}")

    async def sign_in(self) -> None:
        """At the login page, until it has worked."""
        form = {"username": NAME, "password": PASSWORD, "next": "/"}
        for _ in range(TRIES):
            answer = (await self.send(Request("POST", "/login", form)))[0]
            if answer and answer.status == 303:
                self.world.count("sign-ins")
                return
            self.world.clock.pass_by(seconds=10)
        raise AssertionError(f"{self.name} can't sign in")
