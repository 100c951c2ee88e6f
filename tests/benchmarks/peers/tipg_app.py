"""A peer: tipg with its own settings, on a free port. Runs in the environment of the peers.

DATABASE_URL=... python -m tests.benchmarks.peers.tipg_app
"""

from tipg.main import app

from tests.benchmarks.peers.postgis_app import serve

if __name__ == "__main__":
    serve(app)
