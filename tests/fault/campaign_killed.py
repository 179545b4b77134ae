"""Kills processes of a campaign at random moments and compares what comes out with an undisturbed run, bit for bit.

usage: campaign_killed.py TRIALS     (in a folder with c.yaml; LIQUIDUS is the program)

A trial is a fresh directory: the campaign is started, after a random time a worker, rank 0, mpiexec or the supervisor
gets SIGKILL, up to three times; a supervisor that survives has to finish by itself, one that was killed is started again
by the same command.  What is compared: results.h5, the trajectories, and no file that should not be there.
"""
import collections
import os
import random
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["SOURCE"], "tests", "support"))
import same_table
import same_trajectory

VICTIMS = ("worker", "rank 0", "mpiexec", "supervisor")
GROUPS = 2
PATIENCE = 300.0  # seconds until a trial counts as hanging


def start(directory, ranks, out):
    return subprocess.Popen([os.environ["LIQUIDUS"], "run", "c.yaml", "-n", str(ranks), "--segment", "0.05",
                             "--quiet", "--out", directory], stdout=subprocess.DEVNULL, stderr=out)


def processes():
    """Children of every process."""
    children = collections.defaultdict(list)
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as stat:
                children[int(stat.read().rsplit(")", 1)[1].split()[1])].append(int(name))
        except OSError:
            pass
    return children


def rank(pid):
    try:
        with open(f"/proc/{pid}/environ", "rb") as text:
            for item in text.read().split(b"\0"):
                if item.startswith(b"PMI_RANK="):
                    return int(item[9:])
    except OSError:
        pass
    return -1


def family(supervisor):
    """The processes below a supervisor by what they are."""
    children, found = processes(), {"supervisor": [supervisor], "mpiexec": [], "rank 0": [], "worker": []}
    found["mpiexec"] = list(children[supervisor])
    below = [c for m in found["mpiexec"] for c in children[m]]
    for pid in [c for proxy in below for c in children[proxy]] + below:
        number = rank(pid)
        if number >= 0:
            found["rank 0" if number == 0 else "worker"].append(pid)
    return found


def kill(run, victim):
    """SIGKILL of a process of that kind; whether there was one."""
    found = family(run.pid)[victim]
    if not found:
        return False
    try:
        os.kill(random.choice(found), signal.SIGKILL)
        return True
    except ProcessLookupError:
        return False


def finish(run, directory, ranks, err):
    """The campaign's end, with the same command again where the supervisor is gone."""
    limit = time.monotonic() + PATIENCE
    while True:
        code = run.wait(timeout=max(1.0, limit - time.monotonic()))
        if code in (0, 1):
            return
        if code not in (-signal.SIGKILL, 75) and not (code == 2 and busy(err)):
            sys.exit(f"{directory}: ended with {code}:\n{open(err.name).read()}")
        time.sleep(0.05)
        run = start(directory, ranks, err)


def busy(err):
    """Refused because the job of a killed supervisor has not ended yet."""
    return open(err.name).read().splitlines()[-1].endswith("wait for it or stop it")


def size(directory):
    try:
        return os.path.getsize(f"{directory}/log")
    except OSError:
        return 0


def wait_for_moment(run, directory, length):
    """Before the log begins, somewhere in what remains of it, or after its last segment; anywhere between two lines."""
    here = size(directory)
    there = here + random.uniform(-0.1, 1.05) * max(length - here, 0.2 * length)
    while size(directory) < min(there, 0.98 * length) and run.poll() is None:
        time.sleep(0.001)
    time.sleep(random.uniform(0.0, 0.2 if there < here or there > length else 0.03))


def trial(number, whole, count):
    directory, length = f"trial{number}.run", size(whole)
    with open(f"trial{number}.err", "w") as err:
        ranks = random.choice((2, 3))
        run = start(directory, ranks, err)
        for _ in range(random.choice((1, 1, 2, 3))):
            wait_for_moment(run, directory, length)
            victim = random.choice(VICTIMS)
            hit = run.poll() is None and kill(run, victim)
            count[victim if hit else "nobody"] += 1
            if hit and victim == "supervisor":
                run.wait()
                run = start(directory, ranks, err)
        finish(run, directory, ranks, err)
    with open(f"{directory}/log") as log, open(err.name) as said:
        count["relaunches"] += log.read().count("event=relaunch number=")
        count["deaths told"] += len(re.findall(r"^liquidus run: the job died \(.*\); starting it again$", said.read(), re.M))
    same_table.compare(f"{whole}/results.h5", f"{directory}/results.h5")
    same_trajectory.compare(f"{whole}/trajectory", f"{directory}/trajectory")
    names = os.listdir(directory)
    if len(names) > 10 + GROUPS or any(n.endswith(".tmp") for n in names):
        sys.exit(f"{directory}: holds {sorted(names)}")
    subprocess.run(["rm", "-rf", directory, err.name], check=True)


def main():
    count, began = collections.Counter(), time.monotonic()
    with open("whole.err", "w") as err:
        if start("whole.run", 2, err).wait() not in (0, 1):
            sys.exit(f"the undisturbed run failed:\n{open('whole.err').read()}")
    took = time.monotonic() - began
    seed = int(os.environ.get("LIQUIDUS_SEED", "0")) or random.SystemRandom().randrange(1 << 30)
    random.seed(seed)
    print(f"undisturbed: {took:.1f} s; seed {seed}")
    for number in range(int(sys.argv[1])):
        trial(number, "whole.run", count)
        print(f"trial {number}: {time.monotonic() - began:.1f} s, killed {dict(count)}", flush=True)
    print(f"{sys.argv[1]} trials with the same table and trajectories in {time.monotonic() - began:.0f} s; killed: " +
          ", ".join(f"{v} {count[v]}" for v in VICTIMS) + f"; found nobody: {count['nobody']}; started again by the supervisor: {count['relaunches']}")
    if sum(count[v] for v in VICTIMS) < int(sys.argv[1]) // 2:
        sys.exit("too few kills hit a running campaign")
    if count["relaunches"] == 0 or count["deaths told"] < count["relaunches"]:
        sys.exit(f"{count['relaunches']} starts after a death in the logs, {count['deaths told']} on standard error")


main()
