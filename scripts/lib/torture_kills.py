"""Scenarios that kill: service, agent, both, incarnations of one process number, an agent in the middle of a send."""

import os
import time

from torture_stage import FALSE_PID, Finding

# How long a process lives before it is killed, in seconds: a start, some ticks, or some thousand calls.
LONGEST_LIFE = 0.06
TOTALS_EVERY = 10
REPLACED_EVERY = 100
THREADS = 2


def kill_service(stage, rounds, dice, progress):
    """Two services are killed at full rate, the agent goes on."""
    agent = stage.start_agent()
    for turn in range(rounds):
        writers = [stage.start_writer(number, THREADS) for number in range(1 + turn % 2)]
        for writer in writers:
            writer.wait_until_ready()
        for writer in writers:
            pause(dice, LONGEST_LIFE)
            writer.kill()
        stage.retired(agent)
        stage.check_settled(totals=turn % TOTALS_EVERY == 0 or turn == rounds - 1)
        progress(turn)
    stage.stop_agent(agent)
    stage.check_settled(totals=True)
    return "witness, ledger, outcomes, attempts, sink"


def kill_agent(stage, rounds, dice, progress):
    """The agent is killed and started again, three services go on and now and then are replaced."""
    writers = [stage.start_writer(number, THREADS) for number in range(3)]
    for writer in writers:
        writer.wait_until_ready()
    least, checked = stage.ended, 0
    for turn in range(rounds):
        agent = stage.start_agent()
        if turn % 3 == 0:
            # From its first instruction on.
            pause(dice, LONGEST_LIFE * 2)
        else:
            # Everything that had ended before a whole tick must be counted; the kill comes at any moment after it.
            sample = stage.ended_now()
            stage.wait_for_ticks(agent, 1)
            least = sample
            if turn % 3 == 1:
                pause(dice, LONGEST_LIFE / 3)
            else:
                # Into the middle of a commit, or between two.
                stage.wait_for_journal(agent)
                pause(dice, 0.004)
        stage.kill_agent(agent)
        if stage.has_store():
            stage.check_bounds(least)
            checked += 1
        if turn % REPLACED_EVERY == REPLACED_EVERY - 1:
            # A service that ended in good order: its calls are known to the last one.
            number = turn // REPLACED_EVERY % 3
            writers[number].stop()
            writers[number] = stage.start_writer(number, THREADS)
            writers[number].wait_until_ready()
        progress(turn)
    for writer in writers:
        writer.stop()
    stage.run_agent(3)
    stage.check_settled(totals=True)
    if stage.begun.total != stage.ended.total:
        raise Finding("a writer that ended in good order left a call unended")
    if checked < rounds // 2:
        raise Finding(f"only {checked} of {rounds} rounds left a store to look at")
    return "witness, ledger, outcomes, attempts, sink; no call uncertain"


def kill_both(stage, rounds, dice, progress):
    """Services and agent are killed in any order, and some services live on while no agent does."""
    for turn in range(rounds):
        agent = stage.start_agent()
        writers = [stage.start_writer(number, THREADS) for number in range(2)]
        for writer in writers:
            writer.wait_until_ready()
        victims = [*writers, None]
        dice.shuffle(victims)
        for victim in victims:
            pause(dice, LONGEST_LIFE)
            stage.kill_agent(agent) if victim is None else victim.kill()
        stage.run_agent(2 + turn % 3)
        stage.check_settled(totals=turn % TOTALS_EVERY == 0 or turn == rounds - 1)
        progress(turn)
    return "witness, ledger, outcomes, attempts, sink"


def process_numbers(stage, rounds, dice, progress):
    """Every incarnation of a service has the same process number, and while the agent is away the same start time."""
    number = {"LD_PRELOAD": stage.programs.faults, "FAULT_PID": str(FALSE_PID)}
    for turn in range(rounds):
        for _ in range(dice.randint(1, 3)):
            writer = stage.start_writer(0, 2, environment=number)
            writer.wait_until_ready()
            pause(dice, LONGEST_LIFE / 2)
            writer.kill()
        # The last one lives while the agent deletes the files of those before it.
        last = stage.start_writer(0, 2, environment=number)
        last.wait_until_ready()
        agent = stage.start_agent()
        stage.wait_for_ticks(agent, 2)
        last.kill()
        if turn % 2:
            stage.kill_agent(agent)
        else:
            stage.stop_agent(agent)
        stage.run_agent(2)
        left = [name for name in os.listdir(stage.telemetry) if name.endswith(".tidemark")]
        if left:
            raise Finding(f"files of ended processes are left: {left}")
        stage.check_settled(totals=turn % TOTALS_EVERY == 0 or turn == rounds - 1)
        progress(turn)
    return "witness, ledger, outcomes, attempts, sink"


def kill_publishing(stage, rounds, dice, progress):
    """The agent is killed around its sends, to a sink that loses requests and answers, throttles and fails."""
    for turn in range(rounds):
        writer = stage.start_writer(turn % 3, 2, options=["--calls", "400", "--hold", "yes"])
        writer.wait_until_ready()
        agent = stage.start_agent()
        stage.wait_for_sends(agent, dice.randint(1, 3))
        pause(dice, 0.001)
        stage.kill_agent(agent)
        writer.kill()
        if stage.has_store():
            stage.check_published(stage.ledger())
        progress(turn)
    # What is pending now goes out to a CloudWatch that takes everything.
    stage.run_agent(60, answers="good")
    ledger = stage.check_settled(totals=True)
    calls = ledger["calls"]
    if calls["pending"]:
        raise Finding(f"{calls['pending']} calls are pending after 60 periods in which everything was taken")
    return (
        f"witness, ledger, outcomes, attempts, sink; of {calls['recorded']:,} calls {calls['mayHaveCounted']:,} may have "
        "counted twice"
    )


def pause(dice, longest):
    time.sleep(dice.random() * longest)
