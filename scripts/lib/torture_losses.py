"""Scenarios in which the store is lost or damaged, or a telemetry file is."""

import os
import shutil
import sqlite3
from collections import Counter

import torture_checks as checks
import torture_words as words
from torture_kills import pause
from torture_stage import STORE, Finding, complain

PAGE = 4096
LOST = "lost with the store"
VICTIM = 9


def lost_store(stage, rounds, dice, progress):
    """The data directory is deleted while services live: nothing is counted again, at most a period is missing.

    The agent ticks when it is told to, so that the calls of its last period are known.
    """
    for turn in range(rounds):
        writers = [stage.start_writer(number, 2) for number in range(2)]
        for writer in writers:
            writer.wait_until_ready()
        stage.control[words.ALLOWED] = stage.control[words.BEGUN] + 1
        agent = stage.start_agent()
        stage.step(agent, dice.randint(0, 3))
        before = stage.ended_now().by_pattern()
        stage.step(agent, 1)
        # Ended in good order, killed between two ticks, or killed somewhere in a tick.
        way = turn % 3
        if way == 2:
            stage.control[words.ALLOWED] += 1
            pause(dice, 0.02)
        if way == 0:
            stage.stop_agent(agent)
        else:
            stage.kill_agent(agent)
        # What the next tick would have counted, where the last one was not whole.
        period = (stage.begun_now().by_pattern() - before) if way == 2 else Counter()
        last = stage.ledger()
        # What waited when the round before took its store away was counted then.
        counted = stage.recorded(last) - checks.dropped(last, LOST)
        shutil.rmtree(stage.data)
        stage.control[words.ALLOWED] = 0
        stage.run_agent(2)
        for writer in writers:
            writer.kill()
        stage.run_agent(2)
        stage.close_writers()
        ledger = stage.ledger()
        # What waited in the lost store is named in the next one's ledger: it was counted there already.
        lost = checks.dropped(ledger, LOST)
        if way != 2:
            complain(checks.check_lost(last, lost))
        counted += stage.recorded(ledger) - lost
        begun, ended = stage.since_begun.by_pattern(), stage.since_ended.by_pattern()
        complain(checks.check_counted(counted, begun + period, ended - period))
        stage.since_begun = stage.since_ended = words.Calls()
        shutil.rmtree(stage.data)
        progress(turn)
    return "witness, ledgers before and after; exact, after a kill inside a tick to the calls of its period"


def damaged_store(stage, rounds, dice, progress):
    """Bits are flipped, pages torn, cut, overwritten in the store while the agent is away; it must start and say so."""
    carried, said_so = Counter(), 0
    for turn in range(rounds):
        holder = finite_writer(stage, turn % 3, calls=150)
        agent = stage.start_agent(answers="good")
        stage.wait_for_ticks(agent, 2)
        stage.kill_agent(agent) if turn % 2 else stage.stop_agent(agent)
        exact = stage.recorded(stage.ledger())
        complain(checks.check_counted(exact, *[carried + holder.calls()[1].by_pattern()] * 2))
        harm = damage(stage, dice)
        try:
            carried, said = live_with_damage(stage, turn, exact)
        except Finding as finding:
            raise Finding(f"round {turn + 1}, {harm}: {finding}") from finding
        said_so += said
        progress(turn)
    return f"SQLite's own check, what the agent says ({said_so} times), counts before and after, witness of later calls"


def live_with_damage(stage, turn, exact):
    """The agent starts on the damaged store; what it counts from then on is exact. The counts at the end of the round,
    and whether it said anything."""
    sound = is_sound(stage.data)
    log = stage.log_size("agent.log")
    agent = stage.start_agent(answers="good")
    stage.wait_for_ticks(agent, 2)
    first = stage.recorded(stage.ledger())
    said = stage.log_size("agent.log") > log
    if not sound and not said:
        raise Finding("SQLite finds damage, and the agent says nothing")
    if first != exact and not said:
        raise Finding(f"{sum(exact.values())} calls were counted, {sum(first.values())} are, and the agent says nothing")
    complain(f"counted again: {' '.join(n)} {first[n]} after {exact[n]}" for n in first if first[n] > exact[n])
    late = finite_writer(stage, turn % 3, calls=100)
    stage.wait_for_ticks(agent, 2)
    for writer in list(stage.writers):
        writer.stop()
    stage.retired(agent)
    stage.stop_agent(agent)
    last = stage.recorded(stage.ledger())
    complain(checks.check_counted(last - first, *[late.calls()[1].by_pattern()] * 2))
    stage.close_writers()
    return last, said


def finite_writer(stage, number, calls):
    """A service that has made all its calls and lives on."""
    writer = stage.start_writer(number, 2, options=["--calls", str(calls), "--hold", "yes"])
    writer.wait_until_done(2 * calls)
    return writer


def damage(stage, dice):
    """Does one harm to the store's files; says which."""
    names = [n for n in (STORE, STORE + "-wal") if os.path.exists(f"{stage.data}/{n}")]
    names = [n for n in names if os.path.getsize(f"{stage.data}/{n}") > 0]
    path = f"{stage.data}/{dice.choice(names)}"
    name = os.path.basename(path)
    with open(path, "r+b") as file:
        data = bytearray(file.read())
        kind = dice.choice(["flip", "flip", "flips", "torn", "zeros", "noise", "cut", "header"])
        page = dice.randrange(max(1, len(data) // PAGE)) * PAGE
        if kind == "flip":
            places = [dice.randrange(len(data))]
        elif kind == "flips":
            places = [dice.randrange(len(data)) for _ in range(64)]
        elif kind == "header":
            places = [dice.randrange(min(100, len(data))) for _ in range(3)]
        else:
            places = []
        for place in places:
            data[place] ^= 1 << dice.randrange(8)
        if kind == "torn":
            other = dice.randrange(max(1, len(data) // PAGE)) * PAGE
            data[page + PAGE // 2 : page + PAGE] = data[other + PAGE // 2 : other + PAGE]
        elif kind == "zeros":
            data[page : page + PAGE] = bytes(len(data[page : page + PAGE]))
        elif kind == "noise":
            data[page : page + PAGE] = dice.randbytes(len(data[page : page + PAGE]))
        elif kind == "cut":
            data = data[: dice.randrange(len(data))]
        file.seek(0)
        file.write(data)
        file.truncate(len(data))
    return f"{kind} in {name}" + (f" at {places[0]}" if places else f" at page {page // PAGE}")


def is_sound(folder):
    """What SQLite says of a copy of the store."""
    copy = folder + "-copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    try:
        connection = sqlite3.connect(f"{copy}/{STORE}")
        try:
            # What it says of a damaged name is no text.
            connection.text_factory = lambda data: data.decode(errors="replace")
            return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        finally:
            connection.close()
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        # Python cannot even read what SQLite says of a damaged name.
        return False
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def damaged_files(stage, rounds, dice, progress):
    """Bits are flipped in one service's telemetry file, living or dead; the agent goes on and the others are exact."""
    agent = stage.start_agent(answers="good")
    for turn in range(rounds):
        victim = stage.start_writer(VICTIM, 2)
        others = [stage.start_writer(number, 2) for number in range(2)]
        for writer in [victim, *others]:
            writer.wait_until_ready()
        dies_first = turn % 2 == 0
        path = victim.file()
        if dies_first:
            # Stopped by force before the agent looks, so that its file is read only once it is damaged.
            stage.control[words.ALLOWED] = max(1, stage.control[words.BEGUN])
            victim.kill()
        for _ in range(dice.choice([1, 1, 8, 200])):
            flip(path, dice, cut=dies_first)
            if not dies_first:
                pause(dice, 0.004)
        stage.control[words.ALLOWED] = 0
        pause(dice, 0.03)
        for writer in [victim, *others]:
            writer.kill()
        stage.wait_for_ticks(agent, 3)
        stage.wait_while(agent, lambda: not any(w.file() for w in others), "the files of ended processes to be deleted")
        stage.drop_writer(victim)
        stage.check_settled(totals=False)
        clear(stage.telemetry)
        progress(turn)
    stage.stop_agent(agent)
    return "witness of the services beside it, ledger; the agent never ended"


def flip(path, dice, cut):
    try:
        size = os.path.getsize(path)
        if size == 0:
            return
        if cut and dice.random() < 0.1:
            os.truncate(path, dice.randrange(size))
            return
        with open(path, "r+b", buffering=0) as file:
            # The header and the series table are where a bit means most.
            place = dice.randrange(min(size, dice.choice([512, 65_536, size])))
            file.seek(place)
            old = file.read(1)
            file.seek(place)
            file.write(bytes([old[0] ^ 1 << dice.randrange(8)]) if old else b"")
    except FileNotFoundError:
        pass


def clear(folder):
    """What was set aside, and what is left of the victim: no later round shall meet it."""
    for name in os.listdir(folder):
        if name.endswith((".refused", ".tidemark")):
            os.unlink(f"{folder}/{name}")
