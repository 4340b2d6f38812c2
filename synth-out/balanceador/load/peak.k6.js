// The load test balanceador/peak, for k6: k6 run peak.k6.js (-e TARGET=http://host:port for another system)
import { check, sleep } from "k6";
import exec from "k6/execution";
import http from "k6/http";

const TARGET = __ENV.TARGET || "http://192.168.56.5:1080";
const PATHS = ["/"];
const USERS = 4000;
const RAMP_UP_SECONDS = 1;
const LOOPS = 2;

// Any other status than 200 is a failure.
http.setResponseCallback(http.expectedStatuses(200));

/** @type {import("k6/options").Options} */
export const options = {
  scenarios: {
    load: {
      executor: "per-vu-iterations",
      vus: 4000,
      iterations: 1,
      maxDuration: "241000ms",
    },
  },
  thresholds: {
    http_req_failed: ["rate<=0"],
    // What k6 itself could not send in time.
    dropped_iterations: ["count==0"],
  },
  summaryTrendStats: ["min", "avg", "med", "p(90)", "p(95)", "p(99)", "max"],
  discardResponseBodies: true,
};

/** @param {string | undefined} path */
function get(path) {
  const response = http.get(`${TARGET}${path}`, { timeout: "120000ms", redirects: 0 });
  check(response, { "status is 200": ({ status }) => status === 200 });
}

export default function () {
  // Users come one by one, whatever becomes of those before, and stay for all their requests.
  sleep((RAMP_UP_SECONDS * (exec.vu.idInTest - 1)) / USERS);
  for (let loop = 0; loop < LOOPS; loop++) PATHS.forEach(get);
}
