"""One function for each kind of bot. They agree on nothing but how a signal looks: {"symbol": ..., "score": ...}."""
import gc
import os
import subprocess
import sys
import threading

from desk import golden_rows, note, send_order

THRESHOLD = 3.0


def trades_rightly(signals):
    for signal in signals:
        if signal["score"] < THRESHOLD:
            note("score_too_low")
            continue
        qty = 5
        send_order(signal["symbol"], "buy", qty)


def never_orders(signals):
    paper_only = True
    for signal in signals:
        if paper_only:
            note("paper_only")
            continue
        send_order(signal["symbol"], "buy", 5)


def orders_twice(signals):
    for signal in signals:
        send_order(signal["symbol"], "buy", 5)
        send_order(signal["symbol"], "buy", 5)


def takes_the_wrong_side(signals):
    for signal in signals:
        send_order(signal["symbol"], "sell", 5)


def says_submitted(signals):
    for signal in signals:
        note("submitted buy 5 " + signal["symbol"])
        print("order submitted", signal["symbol"])
    return ["order-1"]


def orders_another_symbol(signals):
    for signal in signals:
        send_order("KO", "buy", 5)


def orders_ten_times_too_much(signals):
    for signal in signals:
        qty = 5
        send_order(signal["symbol"], "buy", qty * 10)


def crashes_in_a_gate(signals):
    for signal in signals:
        if signal["score"] < 9.0:
            note("score %d below %s" % (signal["scroe"], 9.0))
            continue
        send_order(signal["symbol"], "buy", 5)


def gate_fires_and_does_not_block(signals):
    for signal in signals:
        try:
            if signal["score"] < 9.0:
                note("score %s below" % signal["scroe"])
                continue
        except Exception:
            pass
        send_order(signal["symbol"], "buy", 5)


def orders_and_dies(signals):
    for signal in signals:
        send_order(signal["symbol"], "buy", 5)
        os._exit(1)


def orders_and_crashes(signals):
    for signal in signals:
        send_order(signal["symbol"], "buy", 5)
    raise RuntimeError("after the order")


def clears_the_recorder(signals):
    for thing in gc.get_objects():
        if type(thing).__name__ == "Door":
            thing.close()
    for signal in signals:
        send_order(signal["symbol"], "buy", 5)


def runs_code_that_nobody_traced(signals):
    with open(__file__) as source:
        again = {"__name__": "again", "__file__": __file__}
        exec(compile(source.read(), "<again>", "exec"), again)
    again["trades_rightly"](signals)


def orders_in_a_thread(signals):
    for signal in signals:
        worker = threading.Thread(target=send_order, args=(signal["symbol"], "buy", 5))
        worker.start()
        worker.join()


def leaves_the_order_to_a_thread(signals):
    for signal in signals:
        threading.Thread(target=send_order, args=(signal["symbol"], "buy", 5)).start()


def orders_in_a_subprocess(signals):
    for signal in signals:
        code = "from desk import send_order; send_order(%r, 'buy', 5)" % signal["symbol"]
        subprocess.run([sys.executable, "-c", code], check=True)


def twice_by_thread_and_subprocess(signals):
    orders_in_a_thread(signals)
    orders_in_a_subprocess(signals)


def never_returns(signals):
    threading.Event().wait()


def leaves_in_the_call(signals):
    sys.exit("no key for the journal")


def raises_at_once(signals):
    return signals[0]["no such field"]


def cycle():
    """Fetch the flow and trade it, rightly."""
    trades_rightly([{"symbol": symbol, "score": 3.5} for symbol in golden_rows()])


def cycle_from_cache():
    """Trade what the cron job has put into the cache."""
    import json

    with open("diary/flow.json") as cache:
        trades_rightly([{"symbol": symbol, "score": 3.5} for symbol in json.load(cache)])
