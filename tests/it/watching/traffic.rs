//! Made-up production traffic: who is served by which arm, what is bad, and when that is known.

use std::f64::consts::TAU;

use relgate::stats::sequential::Arm;

use super::random::Random;

/// One kind of traffic, and the rollout in it.
#[derive(Clone, Copy)]
pub(crate) struct Traffic {
    pub(crate) title: &'static str,
    /// The stable release's rate of bad events of each signal, over the day.
    pub(crate) rates: &'static [f64],
    /// How often the signals of one request are bad together instead of each by itself.
    pub(crate) together: f64,
    /// How far rates go up and down over the day.
    pub(crate) swing: f64,
    /// Requests a day.
    pub(crate) day: f64,
    pub(crate) steps: &'static [Weighed],
    /// The limit on the candidate's rate, as a multiple of the stable one: the truth without harm.
    pub(crate) limit: f64,
    /// Users who come back; else every request is another user's.
    pub(crate) users: Option<Users>,
    /// Times at which much fails in both arms.
    pub(crate) outages: Option<Outages>,
    /// Mean delay of feedback in requests: candidate, stable.
    pub(crate) late: Option<[f64; 2]>,
    /// Whether a user counts once, as relgate does it where records say whose they are.
    pub(crate) once: bool,
}

impl Traffic {
    pub(crate) const PLAIN: Self = Self {
        title: "",
        rates: &[0.01],
        together: 0.0,
        swing: 0.0,
        day: 5000.0,
        steps: &[],
        limit: 1.0,
        users: None,
        outages: None,
        late: None,
        once: true,
    };

    pub(crate) fn requests(&self) -> u64 {
        self.steps.iter().map(|step| step.requests).sum()
    }
}

/// A step of the rollout.
#[derive(Clone, Copy)]
pub(crate) struct Weighed {
    pub(crate) weight: f64,
    pub(crate) requests: u64,
}

#[derive(Clone, Copy)]
pub(crate) struct Users {
    pub(crate) count: u32,
    /// Standard deviation of the logarithm of their rates.
    pub(crate) differ: f64,
    /// How many times as many requests those of the candidate send.
    pub(crate) busier: f64,
}

#[derive(Clone, Copy)]
pub(crate) struct Outages {
    /// Requests between the starts of two, and in one.
    pub(crate) every: u64,
    pub(crate) length: u64,
    /// The chance of a bad event in one.
    pub(crate) rate: f64,
}

/// A bad event.
#[derive(Clone, Copy)]
pub(crate) struct BadEvent {
    pub(crate) signal: usize,
    pub(crate) arm: Arm,
    pub(crate) step: usize,
    pub(crate) user: u64,
    /// The request it belongs to.
    pub(crate) request: u64,
}

/// The requests of one rollout, one after the other.
pub(crate) struct Requests<'a> {
    traffic: &'a Traffic,
    /// The candidate's rate of the first signal, as a multiple of the limit.
    harm: f64,
    random: Random,
    /// Of every user where it stands in the split, and how its rate differs.
    users: Vec<[f64; 2]>,
    step: usize,
    left: u64,
    at: u64,
    phase: f64,
    late: Vec<Vec<BadEvent>>,
    /// The bad events that are known at this request.
    pub(crate) known: Vec<BadEvent>,
}

impl<'a> Requests<'a> {
    pub(crate) fn new(traffic: &'a Traffic, harm: f64, mut random: Random) -> Self {
        let count = traffic.users.map_or(0, |users| users.count);
        let differ = traffic.users.map_or(0.0, |users| users.differ);
        let user = |random: &mut Random| {
            [random.uniform(), (differ * random.normal() - differ * differ / 2.0).exp()]
        };
        let users = (0..count).map(|_| user(&mut random)).collect();
        let (phase, left) = (random.uniform(), traffic.steps[0].requests);
        let late = vec![Vec::new(); traffic.late.map_or(0, |_| traffic.requests() as usize)];
        Self { traffic, harm, random, users, step: 0, left, at: 0, phase, late, known: Vec::new() }
    }

    /// The arm of the next request.
    pub(crate) fn serve(&mut self) -> Option<Arm> {
        while self.left == 0 {
            self.step += 1;
            self.left = self.traffic.steps.get(self.step)?.requests;
        }
        self.left -= 1;
        let weight = self.traffic.steps[self.step].weight;
        let (user, arm, factor) = self.user(weight);
        let time = self.at as f64 / self.traffic.day + self.phase;
        let level = factor * (1.0 + self.traffic.swing * (TAU * time).sin());
        self.known.clear();
        let shared = self.random.uniform();
        let together = self.random.happens(self.traffic.together);
        for (signal, rate) in self.traffic.rates.iter().enumerate() {
            let ratio = match arm {
                Arm::Candidate => self.traffic.limit * if signal == 0 { self.harm } else { 1.0 },
                Arm::Stable => 1.0,
            };
            let mut chance = (rate * level * ratio).min(0.95);
            if let Some(outages) = self.traffic.outages
                && self.at % outages.every < outages.length
            {
                chance = chance.max(outages.rate);
            }
            let drawn = if together { shared } else { self.random.uniform() };
            if drawn < chance {
                self.tell(BadEvent { signal, arm, step: self.step, user, request: self.at });
            }
        }
        if let Some(late) = self.late.get_mut(self.at as usize) {
            self.known.append(late);
        }
        self.at += 1;
        Some(arm)
    }

    fn user(&mut self, weight: f64) -> (u64, Arm, f64) {
        let arm = |place: f64| if place < weight { Arm::Candidate } else { Arm::Stable };
        let Some(users) = self.traffic.users else {
            return (self.at, arm(self.random.uniform()), 1.0);
        };
        loop {
            // A few come often.
            let user = (f64::from(users.count) * self.random.uniform().powi(2)) as usize;
            let [place, factor] = self.users[user];
            if arm(place) == Arm::Candidate || self.random.happens(1.0 / users.busier) {
                return (user as u64, arm(place), factor);
            }
        }
    }

    /// Now, or when its feedback comes; what comes after the rollout is lost.
    fn tell(&mut self, event: BadEvent) {
        let Some([candidate, stable]) = self.traffic.late else { return self.known.push(event) };
        let mean = if event.arm == Arm::Candidate { candidate } else { stable };
        let delay = -mean * (1.0 - self.random.uniform()).ln();
        if let Some(late) = self.late.get_mut(self.at as usize + delay as usize) {
            late.push(event);
        }
    }
}
