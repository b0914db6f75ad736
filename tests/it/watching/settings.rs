//! What the rules are tried on. None is one on which the methods were chosen (2 % with a swing of 80 % at weights of 10 and 50 %).

use super::traffic::{Outages, Traffic, Users, Weighed};

const fn step(weight: f64, requests: u64) -> Weighed {
    Weighed { weight, requests }
}

/// Traffic that keeps what the tests assume.
pub(crate) const SOUND: [Traffic; 11] = [
    Traffic {
        title: "rare (0.4 %), swing 60 %, weight 5 %",
        rates: &[0.004],
        swing: 0.6,
        day: 10_000.0,
        steps: &[step(0.05, 50_000)],
        ..Traffic::PLAIN
    },
    Traffic {
        title: "6 %, swing 95 %, weight 30 %",
        rates: &[0.06],
        swing: 0.95,
        day: 1500.0,
        steps: &[step(0.3, 15_000)],
        ..Traffic::PLAIN
    },
    Traffic {
        title: "common (30 %), steady, weight 2 %",
        rates: &[0.3],
        steps: &[step(0.02, 20_000)],
        ..Traffic::PLAIN
    },
    Traffic {
        title: "1 %, swing 50 %, steps 5, 25, 50 %",
        rates: &[0.01],
        swing: 0.5,
        steps: &[step(0.05, 10_000), step(0.25, 10_000), step(0.5, 10_000)],
        ..Traffic::PLAIN
    },
    Traffic {
        title: "limit x1.3 and truth x1.3, 3 %, swing 70 %, weight 15 %",
        rates: &[0.03],
        swing: 0.7,
        limit: 1.3,
        steps: &[step(0.15, 20_000)],
        ..Traffic::PLAIN
    },
    Traffic {
        title: "200 a day for 30 days, 2.5 %, swing 80 %, weight 50 %",
        rates: &[0.025],
        swing: 0.8,
        day: 200.0,
        steps: &[step(0.5, 6000)],
        ..Traffic::PLAIN
    },
    Traffic {
        title: "400 users who differ and return, 4 %, weight 20 %",
        rates: &[0.04],
        steps: &[step(0.2, 10_000)],
        users: Some(Users { count: 400, differ: 1.2, busier: 1.0 }),
        ..Traffic::PLAIN
    },
    Traffic {
        title: "3,000 users who return, 2 %, swing 60 %, steps 10, 50 %",
        rates: &[0.02],
        swing: 0.6,
        steps: &[step(0.1, 10_000), step(0.5, 10_000)],
        users: Some(Users { count: 3000, differ: 1.0, busier: 1.0 }),
        ..Traffic::PLAIN
    },
    Traffic {
        title: "outages of 150 requests (60 % bad) every 4,000, else 1 %, weight 10 %",
        rates: &[0.01],
        swing: 0.4,
        steps: &[step(0.1, 20_000)],
        outages: Some(Outages { every: 4000, length: 150, rate: 0.6 }),
        ..Traffic::PLAIN
    },
    Traffic {
        title: "feedback half a day late, 1.5 %, swing 80 %, steps 10, 40 %",
        rates: &[0.015],
        swing: 0.8,
        day: 4000.0,
        steps: &[step(0.1, 10_000), step(0.4, 10_000)],
        late: Some([2000.0, 2000.0]),
        ..Traffic::PLAIN
    },
    Traffic {
        title: "three signals (0.5, 2, 7 %) that move together, swing 60 %, weight 20 %",
        rates: &[0.005, 0.02, 0.07],
        together: 0.8,
        swing: 0.6,
        steps: &[step(0.2, 20_000)],
        ..Traffic::PLAIN
    },
];

/// Traffic that breaks an assumption.
pub(crate) const BROKEN: [Traffic; 4] = [
    Traffic {
        title: "users return and differ, but records say not whose they are",
        rates: &[0.04],
        steps: &[step(0.2, 10_000)],
        users: Some(Users { count: 400, differ: 1.2, busier: 1.0 }),
        once: false,
        ..Traffic::PLAIN
    },
    Traffic {
        title: "the candidate's users send 1.1 times the requests",
        rates: &[0.03],
        steps: &[step(0.3, 15_000)],
        users: Some(Users { count: 3000, differ: 1.0, busier: 1.1 }),
        ..Traffic::PLAIN
    },
    Traffic {
        title: "the candidate's users send 1.5 times the requests",
        rates: &[0.03],
        steps: &[step(0.3, 15_000)],
        users: Some(Users { count: 3000, differ: 1.0, busier: 1.5 }),
        ..Traffic::PLAIN
    },
    Traffic {
        title: "feedback an eighth of a day late from the candidate, half a day from the stable release",
        rates: &[0.03],
        swing: 0.5,
        day: 4000.0,
        steps: &[step(0.3, 12_000)],
        late: Some([500.0, 2000.0]),
        ..Traffic::PLAIN
    },
];
