"""Two machines of a Ray cluster, played by this one; not a benchmark itself.

    python benchmarks/ray_nodes.py

Says the cluster's address, then obeys lines on standard input: ``lose`` kills the second machine
with everything that runs on it. The cluster ends with standard input.
"""

import importlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from repsense.cluster import load_ray


def main() -> None:
    folder = tempfile.mkdtemp(prefix="rs-ray-")  # paths of sockets must be short
    os.environ["RAY_TMPDIR"] = folder
    load_ray()
    (Path(folder) / "ray").mkdir()
    head = {"num_cpus": 1, "include_dashboard": False}
    make = importlib.import_module("ray.cluster_utils").Cluster  # once the folder is settled
    cluster = make(initialize_head=True, head_node_args=head)
    second = cluster.add_node(num_cpus=1)
    say(cluster.address)
    try:
        for line in sys.stdin:
            if line.strip() == "lose":
                cluster.remove_node(second, allow_graceful=False)
                say("lost")
    finally:
        cluster.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


def say(text: str) -> None:
    os.write(OUT, f"{text}\n".encode())


if __name__ == "__main__":
    # Ray's own remarks go to stderr, so that stdout says only what is ours.
    OUT = os.dup(1)
    os.dup2(2, 1)
    main()
