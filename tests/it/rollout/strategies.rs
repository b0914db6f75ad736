//! Strategies besides the canary: what they compare, and how they end.

use std::fmt::Write as _;

use super::world::{BEGIN, Harm, NONE, World, world};

/// Both releases answer every request of an hour; the candidate costs so many times as much.
fn shadowed(world: &mut World, cost: f64) {
    let mut rows = String::new();
    for k in 0..1500 {
        let at = 2.4f64.mul_add(f64::from(k), (BEGIN + 3600 * world.hour) as f64);
        let price = 0.001 + 0.000_01 * f64::from(k % 97);
        for (version, cost) in [("2.3.0", price), ("2.4.0", price * cost)] {
            let (id, user) = (format!("h{}-{k}", world.hour), format!("h{}-{k}", world.hour));
            let _ = writeln!(
                rows,
                "{{\"time\": {at:.1}, \"id\": \"{id}\", \"user_id\": \"{user}\", \"release\": \"{version}\", \
                 \"cost_usd\": {cost:.6}, \"safety_match\": false}}"
            );
        }
    }
    world.append(&rows);
    world.hour += 1;
}

#[test]
fn a_shadow_compares_both_answers_and_never_promotes() {
    let shadow = "deployment: { strategy: shadow, bake: 1h }\n";
    let mut healthy = world(shadow);
    healthy.start().ends(0, &["running at 0%"]);
    for _ in 0..6 {
        shadowed(&mut healthy, 1.0);
        let ran = healthy.next();
        assert_eq!(ran.code, 0, "{}", ran.text);
        assert!(!ran.text.starts_with("PROMOTE"), "{}", ran.text);
    }
    assert_eq!(healthy.share(), 0);
    assert!(healthy.split().unwrap().shadow);
    let mut harmed = world(shadow);
    harmed.start().ends(0, &[]);
    shadowed(&mut harmed, 2.0);
    harmed.next().ends(1, &["`cost-increase` fails", "rolled-back at 0%"]);
}

#[test]
fn an_a_b_test_ends_when_its_goal_is_shown() {
    let mut world =
        world("deployment: { strategy: ab, goal: user_flagged, steps: [50%], bake: 1h, unit: user_id }\n");
    world.start().ends(0, &["running at 50%"]);
    let better = Harm { flags: 0.2, ..NONE };
    let mut told = String::new();
    for _ in 0..30 {
        let ran = world.serve(better).next();
        assert_eq!(ran.code, 0, "{}", ran.text);
        told = ran.text;
        if told.starts_with("CONCLUDE") {
            break;
        }
    }
    assert!(told.starts_with("CONCLUDE") && told.contains("shown better"), "{told}");
    assert_eq!(world.share(), 5000);
    let other = super::world::world("deployment: { strategy: ab, goal: latency, steps: [50%] }\n");
    other.start().ends(0, &[]);
    other.next().ends(2, &["no signal is the goal"]);
}

#[test]
fn all_at_once_is_watched_by_levels() {
    let mut world = world("deployment: { strategy: blue-green, bake: 1h }\n");
    world.start().ends(0, &["running at 100%"]);
    let ran = world.serve(NONE).next();
    assert!(ran.code == 0 && ran.text.contains("not compared"), "{}", ran.text);
    let mut harmed = super::world::world("deployment: { strategy: blue-green, bake: 1h }\n");
    harmed.start().ends(0, &[]);
    let unsafe_answers = Harm { unsafe_rate: 0.1, ..NONE };
    harmed.serve(unsafe_answers).next().ends(1, &["`safety` fails", "rolled-back at 0%"]);
}

#[test]
fn a_silent_release_is_blind_also_where_nothing_is_compared() {
    let mut world = world("deployment: { strategy: blue-green, bake: 1h }\n");
    let text = std::fs::read_to_string(world.project.path("release.yaml")).unwrap();
    let bare = text.replace("    - { id: safety, rule: 'safety_match < 0.5%', detect: 2% }\n", "");
    world.project.again("release.yaml", bare);
    world.start().ends(0, &["running at 100%"]);
    world.hour += 30;
    world.next().ends(2, &["BLIND"]);
    assert!(!world.kinds().iter().any(|kind| kind == "promoted"));
}
