# OMEGA v7 (was alpha_v3_FINAL2.py) -- DO NOT REFACTOR, it works!!!
# 2023-11: moved everything into one place so I can see it
import json, logging, math, os, random, sys, threading, time, traceback
from datetime import datetime, timedelta, timezone

import requests
from dotenv import load_dotenv

load_dotenv()

import alpaca_trade_api as tradeapi

HERE = os.path.dirname(os.path.abspath(__file__))
SETTINGS = os.path.join(HERE, "omega_settings.json")
BOOK = os.path.join(HERE, "omega_book.json")
COOL = os.path.join(HERE, "omega_cooldowns.json")
WTS = os.path.join(HERE, "omega_weights.json")
SECT = os.path.join(HERE, "sectors.json")
STOPFILE = os.path.join(HERE, "STOP_TRADING")
LOGFILE = os.path.join(HERE, "omega.log")

TRADE_URL = "https://paper-api.alpaca.markets"
DATA_URL = "https://data.alpaca.markets"
UW = "https://api.unusualwhales.com"

logging.basicConfig(filename=LOGFILE, level=logging.INFO, format="%(asctime)s %(message)s")
log = logging.getLogger("omega")

KEY = os.environ.get("APCA_API_KEY_ID", "")
SEC = os.environ.get("APCA_API_SECRET_KEY", "")

_last_scan = {"t": 0, "n": 0}
PENDING = []


def _scan_forever():
    # runs since v5, nobody remembers who reads PENDING
    while True:
        try:
            time.sleep(45)
            scan_cycle()
        except Exception as e:
            print("scanner died", e)
            time.sleep(5)


def jload(p, d):
    try:
        with open(p) as f:
            return json.load(f)
    except:
        return d


def jsave(p, o):
    try:
        with open(p, "w") as f:
            json.dump(o, f)
    except Exception:
        pass


class OmegaTrader:
    def __init__(self):
        self.api = tradeapi.REST(KEY or "none", SEC or "none", TRADE_URL, api_version="v2")
        self.hdr = {"APCA-API-KEY-ID": KEY, "APCA-API-SECRET-KEY": SEC}
        self.n_sent = 0
        self.seen = {}
        self.banned = set()
        self.mode = "live"
        self.last_err = None
        self.stats = {"in": 0, "out": 0}

    def decide_and_execute(self, sigs, dry=False):
        """takes the list from the scanner and trades the good ones"""
        t0 = time.time()
        print("=" * 60)
        print("OMEGA cycle", datetime.now(timezone.utc).isoformat(), "signals:", len(sigs or []))
        self.stats["in"] += len(sigs or [])
        sent = 0
        results = []

        # ---------------------------------------------------------------
        # settings (file wins over defaults, except when it does not parse)
        # ---------------------------------------------------------------
        cfg = {
            "min_conv": 3.0,
            "min_prem": 250000,
            "max_age": 900,
            "max_names": 8,
            "per_sector": 3,
            "spread_bps": 35,
            "cash_per_name": 4000,
            "max_loss": 1500,
            "max_new": 3,
            "top_n": 20,
            "cool_min": 45,
            "min_px": 5,
            "min_oi": 2,
            "banned": [],
            "regime": "NEUTRAL",
            "rsi_w": 0.0,
            "mom_w": 0.0,
            "gap_w": 0.0,
            "vol_w": 0.0,
        }
        try:
            with open(SETTINGS) as f:
                user = json.load(f)
            for k in user:
                cfg[k] = user[k]
        except:
            pass
        self.banned = set(cfg.get("banned") or [])

        # stop file: touch STOP_TRADING to stop
        if os.path.exists(STOPFILE):
            print("!!! STOP file is there, not doing anything")
            return results

        if not sigs:
            log.info("nothing to do")
            return results

        # ---------------------------------------------------------------
        # account
        # ---------------------------------------------------------------
        acct = None
        for attempt in range(2):
            try:
                acct = self.api.get_account()
                break
            except Exception as e:
                self.last_err = str(e)
                log.warning("account failed: %s", e)
        if acct is None:
            print("no account, giving up")
            return results
        if acct.trading_blocked or acct.account_blocked:
            log.error("account is blocked")
            return results
        eq = 0.0
        last_eq = 0.0
        bp = 0.0
        try:
            eq = float(acct.equity)
            last_eq = float(acct.last_equity)
            bp = float(acct.buying_power)
        except Exception:
            pass
        day_pnl = eq - last_eq if last_eq else 0.0
        print("equity %.2f pnl today %.2f bp %.2f" % (eq, day_pnl, bp))
        if day_pnl <= -cfg["max_loss"]:
            print("daily loss limit hit, going home")
            log.info("daily loss limit hit")
            return results

        # market hours
        is_open = False
        try:
            clk = self.api.get_clock()
            is_open = bool(clk.is_open)
        except:
            # v6: assume open, the venue will reject it anyway
            is_open = True
        if not is_open:
            log.info("market is closed")
            return results

        # ---------------------------------------------------------------
        # regime. ternary because jim liked it that way
        # ---------------------------------------------------------------
        regime = str(cfg.get("regime") or "NEUTRAL").upper()
        risk_ok = False if regime == "RISK_OFF" else True
        if not risk_ok:
            print("regime says no:", regime)
            return results
        size_k = 1.0
        if regime == "BULL":
            size_k = 1.15
        elif regime == "BEAR":
            size_k = 0.6
        elif regime == "CHOP":
            size_k = 0.8
        else:
            size_k = 1.0

        # ---------------------------------------------------------------
        # state
        # ---------------------------------------------------------------
        held = {}
        try:
            held = dict((jload(BOOK, {}) or {}).get("names") or {})
        except Exception:
            pass
        cools = jload(COOL, {}) or {}
        wts = jload(WTS, {}) or {}
        sect = jload(SECT, {}) or {}
        sect_n = {}
        for nm in held:
            s_ = sect.get(nm, "?")
            sect_n[s_] = sect_n.get(s_, 0) + 1
        print("holding", len(held), "names, cooling", len(cools))

        # ---------------------------------------------------------------
        # helpers (used to be methods)
        # ---------------------------------------------------------------
        def _cooled(tk):
            # returns (ok, reason)
            last = cools.get(tk)
            if last is None:
                return True, ""
            try:
                gone = (time.time() - float(last)) / 60.0
            except Exception:
                return True, "bad stamp"
            if gone < cfg["cool_min"]:
                return False, "cooling down"
            return True, "cooled"

        def _sector_ok(tk):
            sc = sect.get(tk, "?")
            if sc == "?":
                return True, "no sector"
            n_in = sect_n.get(sc, 0)
            if n_in >= cfg["per_sector"]:
                return False, "sector is full"
            return True, sc

        def _quote(tk):
            q = {}
            tries = 0
            while tries < 2:
                tries += 1
                try:
                    r = requests.get(
                        DATA_URL + "/v2/stocks/" + tk + "/quotes/latest", headers=self.hdr, timeout=4
                    )
                    if r.status_code == 200:
                        q = r.json().get("quote") or {}
                        break
                    log.warning("quote %s -> %s", tk, r.status_code)
                except Exception as e:
                    log.warning("quote %s failed %s", tk, e)
            b = float(q.get("bp") or 0)
            a = float(q.get("ap") or 0)
            return b, a

        def _last(tk):
            try:
                r = requests.get(DATA_URL + "/v2/stocks/" + tk + "/trades/latest", headers=self.hdr, timeout=4)
                r.raise_for_status()
                return float(r.json()["trade"]["p"])
            except:
                pass
            return 0.0

        def _bars(tk, n=30):
            out = []
            try:
                r = requests.get(
                    DATA_URL + "/v2/stocks/" + tk + "/bars",
                    headers=self.hdr,
                    params={"timeframe": "5Min", "limit": n},
                    timeout=4,
                )
                for b in r.json().get("bars") or []:
                    out.append((b["o"], b["h"], b["l"], b["c"], b["v"]))
            except Exception:
                pass
            return out

        def _rsi(cl, n=14):
            if len(cl) < n + 1:
                return 50.0
            up = dn = 0.0
            for i in range(1, n + 1):
                d = cl[-i] - cl[-i - 1]
                if d > 0:
                    up += d
                else:
                    dn -= d
            if dn == 0:
                return 100.0
            rs = up / dn
            return 100.0 - 100.0 / (1.0 + rs)

        def _ema(cl, n=9):
            # seeded with the first close, which is wrong, but the weights were fitted with it
            if not cl:
                return 0.0
            k_ = 2.0 / (n + 1.0)
            e = cl[0]
            for c in cl[1:]:
                e = c * k_ + e * (1.0 - k_)
            return e

        def _nice(x):
            try:
                return "%.2f" % x
            except Exception:
                return "?"

        # ---------------------------------------------------------------
        # old names out of the cooldown file, else it grows for ever
        # ---------------------------------------------------------------
        try:
            dead = []
            for nm in cools:
                try:
                    if time.time() - float(cools[nm]) > 86400 * 5:
                        dead.append(nm)
                except Exception:
                    dead.append(nm)
            for nm in dead:
                del cools[nm]
            if dead:
                print("forgot cooldowns of", dead)
        except Exception:
            pass

        # trailing stops. turned off in march (see chat), keep the code
        trail = {}
        if cfg.get("trail_on"):
            for nm in list(held):
                try:
                    h = held[nm]
                    top = max(float(h.get("top", 0)), float(h.get("px", 0)))
                    trail[nm] = round(top * (1.0 - float(cfg.get("trail_pct", 4)) / 100.0), 2)
                    h["top"] = top
                except Exception:
                    continue
            print("trails", trail)

        # what did we do in the last hour (for the dashboard, which is gone)
        recent = 0
        for nm in held:
            try:
                if time.time() - float(held[nm].get("t") or 0) < 3600:
                    recent += 1
            except Exception:
                pass
        log.info("opened in the last hour: %s", recent)

        # ---------------------------------------------------------------
        # pre-filter and sort, biggest premium first
        # ---------------------------------------------------------------
        n_before = len(sigs)
        sigs = [s for s in sigs if (s.get("prem") or 0) >= cfg["min_prem"]]
        if len(sigs) != n_before:
            print("prefilter:", n_before, "->", len(sigs))
        sigs = sorted(sigs, key=lambda s: -(s.get("prem") or 0))[: cfg["top_n"]]

        # ===============================================================
        # MAIN LOOP
        # ===============================================================
        for sig in sigs:
            tkr = sig.get("tkr")
            try:
                tkr = tkr.strip().upper()
            except Exception:
                pass
            why = ""
            print("--", tkr, sig.get("dirn"), sig.get("prem"))

            # direction
            if sig.get("dirn") not in ("bull", "up"):
                continue

            # too old?
            age = 0
            try:
                age = time.time() - float(sig.get("ts") or 0)
            except:
                pass
            if age > cfg["max_age"]:
                log.info("%s too old", tkr)
                continue

            # ban list
            if tkr in self.banned:
                print(f"banned name {tkr}")
                continue

            # room in the book?
            if len(held) >= cfg["max_names"]:
                log.info("book is full")
                break

            # already have it
            if tkr in held:
                print("already in", tkr)
                continue

            # cooldown
            ok, why = _cooled(tkr)
            if not ok:
                log.info("%s %s", tkr, why)
                continue

            # sector
            ok, why = _sector_ok(tkr)
            if not ok:
                print(tkr, why)
                continue

            # -----------------------------------------------------------
            # price
            # -----------------------------------------------------------
            px = _last(tkr)
            if px <= 0:
                log.info("%s no price", tkr)
                continue
            if px < cfg["min_px"]:
                print("penny stock", tkr, px)
                continue
            bid, ask = _quote(tkr)
            spread = 0.0
            if bid and ask:
                mid = (bid + ask) / 2.0
                spread = (ask - bid) / mid * 10000.0
                if spread > cfg["spread_bps"]:
                    print("spread too wide", tkr, spread)
                    continue
                else:
                    pass
            else:
                mid = px
                print("no quote for", tkr, "using last")

            # -----------------------------------------------------------
            # features (most of them are off now, weights are 0)
            # -----------------------------------------------------------
            bars = _bars(tkr)
            cl = [b[3] for b in bars]
            hi = [b[1] for b in bars]
            lo = [b[2] for b in bars]
            vo = [b[4] for b in bars]
            rsi = 50.0
            mom = 0.0
            gap = 0.0
            rvol = 1.0
            atr = 0.0
            try:
                rsi = _rsi(cl)
            except Exception:
                pass
            try:
                if len(cl) > 6:
                    mom = (cl[-1] - cl[-6]) / cl[-6] * 100.0
            except Exception:
                pass
            try:
                if len(bars) > 1:
                    gap = (bars[0][0] - bars[-1][3]) / bars[-1][3] * 100.0
            except:
                pass
            try:
                av = sum(vo) / len(vo)
                rvol = vo[-1] / av if av else 1.0
            except:
                pass
            try:
                trs = []
                for i in range(1, len(bars)):
                    trs.append(max(hi[i] - lo[i], abs(hi[i] - cl[i - 1]), abs(lo[i] - cl[i - 1])))
                if trs:
                    atr = sum(trs[-14:]) / len(trs[-14:])
            except Exception:
                pass
            print("   rsi", _nice(rsi), "mom", _nice(mom), "gap", _nice(gap), "rvol", _nice(rvol), "atr", _nice(atr))

            fast = _ema(cl, 9)
            slow = _ema(cl, 21)
            trend = "flat"
            if fast > slow * 1.001:
                trend = "up"
            elif fast < slow * 0.999:
                trend = "down"
            log.info("%s trend %s", tkr, trend)

            # vwap, was used by v4
            vw = 0.0
            try:
                num = 0.0
                den = 0.0
                for b in bars:
                    tp = (b[1] + b[2] + b[3]) / 3.0
                    num += tp * b[4]
                    den += b[4]
                if den:
                    vw = num / den
            except Exception:
                pass
            above = False
            if vw:
                above = px > vw
            if above:
                log.info("%s above vwap", tkr)

            # bollinger, was used by v2 (keep!)
            bb_hi = 0.0
            bb_lo = 0.0
            try:
                m = sum(cl[-20:]) / 20.0
                sd = math.sqrt(sum((c - m) ** 2 for c in cl[-20:]) / 20.0)
                bb_hi = m + 2 * sd
                bb_lo = m - 2 * sd
            except:
                pass

            # -----------------------------------------------------------
            # conviction
            # -----------------------------------------------------------
            conv = float(sig.get("raw") or 0)
            prem = float(sig.get("prem") or 0)
            prints = int(sig.get("prints") or 0)
            if prem > 5000000:
                conv += 0.5
            elif prem > 1000000:
                conv += 0.3
            elif prem > 500000:
                conv += 0.1
            else:
                conv += 0.0
            conv += min(prints, 5) * 0.1
            conv += cfg["rsi_w"] * (rsi - 50.0) / 50.0
            conv += cfg["mom_w"] * mom
            conv += cfg["gap_w"] * gap
            conv += cfg["vol_w"] * (rvol - 1.0)
            try:
                if sig.get("sweep"):
                    conv += 0.0
                if sig.get("floor"):
                    conv -= 0.2
            except Exception:
                pass
            conv = round(conv, 2)
            print("   conv", conv, "need", cfg["min_conv"])

            if conv < cfg["min_conv"]:
                log.info("%s conviction too low", tkr)
                self.seen[tkr] = time.time()
                continue

            # thin tape?  either strong conviction or enough prints
            if conv >= 4.5 or prints >= cfg["min_oi"]:
                log.info("%s tape ok", tkr)
            else:
                print("thin tape", tkr)
                continue

            # earnings soon: nested twice because of the weekend bug
            dte = sig.get("dte")
            if dte is not None:
                try:
                    dte = int(dte)
                except Exception:
                    dte = 99
                if dte <= 2:
                    if not sig.get("earn_ok"):
                        print("earnings in", dte, "days", tkr)
                        continue

            # -----------------------------------------------------------
            # v6.2 learned weights. "self healing"
            # -----------------------------------------------------------
            k = 1.0
            try:
                k = float(wts.get(tkr, wts.get("*", 1.0)))
            except:
                pass
            conv = round(conv * k, 2)

            # volatility haircut, only for the wild ones
            try:
                if atr and px and atr / px > 0.05:
                    conv = round(conv * 0.9, 2)
            except Exception:
                pass

            # -----------------------------------------------------------
            # size
            # -----------------------------------------------------------
            cash = cfg["cash_per_name"] * size_k
            if conv < 1.0:
                cash = cash * conv / 40.0
            elif conv < 2.0:
                cash = cash * 0.5
            elif conv < 3.0:
                cash = cash * 0.75
            else:
                pass
            n_shares = int(cash / px)
            print("   cash", _nice(cash), "px", px, "shares", n_shares)
            if n_shares < 1:
                continue
            need = n_shares * px
            if need > bp:
                log.info("%s not enough buying power", tkr)
                continue

            # too many this cycle
            if sent >= cfg["max_new"]:
                print("enough for one cycle")
                break

            # tradable?  the asset call is slow so it is last
            try:
                a_ = self.api.get_asset(tkr)
                tradable = a_.tradable
            except:
                # v6: do not lose a trade because of the asset call
                tradable = True
            if not tradable:
                log.warning("%s is not tradable", tkr)
                continue

            # -----------------------------------------------------------
            # go
            # -----------------------------------------------------------
            lmt = round(max(ask, px) * 1.002, 2)
            coid = "omega-%s-%d" % (tkr, int(time.time() * 1000))
            if dry or self.mode == "dry":
                print("DRY", tkr, n_shares, lmt)
                continue
            try:
                o = self.api.submit_order(
                    symbol=tkr,
                    qty=n_shares,
                    side="buy",
                    type="limit",
                    time_in_force="day",
                    limit_price=lmt,
                    client_order_id=coid,
                )
                sent += 1
                self.n_sent += 1
                bp -= need
                held[tkr] = {"n": n_shares, "px": lmt, "t": time.time(), "conv": conv}
                sc = sect.get(tkr, "?")
                sect_n[sc] = sect_n.get(sc, 0) + 1
                cools[tkr] = time.time()
                results.append((tkr, n_shares, lmt, o.id))
                print("   >>> BOUGHT", tkr, n_shares, "@", lmt)
                log.info("BOUGHT %s %s @ %s conv %s", tkr, n_shares, lmt, conv)
            except Exception as e:
                self.last_err = str(e)
                pass

        # ---------------------------------------------------------------
        # housekeeping
        # ---------------------------------------------------------------
        try:
            if sent:
                jsave(BOOK, {"names": held, "saved": time.time()})
                jsave(COOL, cools)
        except Exception:
            traceback.print_exc()
        try:
            old = [n for n, t in self.seen.items() if time.time() - t > 3600]
            for n in old:
                del self.seen[n]
        except Exception:
            pass
        self.stats["out"] += sent
        print("cycle done, sent", sent, "in", _nice(time.time() - t0), "s")
        return results


BOT = OmegaTrader()


def scan_cycle():
    """ask the whales, build signals, trade them"""
    tok = os.environ.get("UW_TOKEN", "")
    rows = []
    try:
        r = requests.get(
            UW + "/api/option-trades/flow-alerts",
            headers={"Authorization": "Bearer " + tok, "Accept": "application/json"},
            params={"limit": 200},
            timeout=6,
        )
        rows = r.json().get("data") or []
    except Exception as e:
        print("whales are down", e)
    agg = {}
    for row in rows:
        try:
            t = row["ticker"]
            p = float(row.get("total_premium") or 0)
            a = float(row.get("total_ask_side_prem") or 0)
            b = float(row.get("total_bid_side_prem") or 0)
            bull = (a > b) == (row.get("type") == "call")
            ts = datetime.fromisoformat(row["created_at"].replace("Z", "+00:00")).timestamp()
        except Exception:
            continue
        g = agg.setdefault(t, {"tkr": t, "prem": 0.0, "prints": 0, "ts": 0, "up": 0, "sweep": False})
        g["prem"] += p
        g["prints"] += 1
        g["ts"] = max(g["ts"], ts)
        g["up"] += 1 if bull else -1
        g["sweep"] = g["sweep"] or bool(row.get("has_sweep"))
    out = []
    for t in agg:
        g = agg[t]
        g["dirn"] = "bull" if g["up"] > 0 else "bear"
        g["raw"] = 2.0 + (0.6 if g["sweep"] else 0.0)
        out.append(g)
    _last_scan["t"] = time.time()
    _last_scan["n"] = len(out)
    return BOT.decide_and_execute(out)


threading.Thread(target=_scan_forever, name="omega-scanner", daemon=True).start()

if __name__ == "__main__":
    while True:
        time.sleep(3600)
