//! Targets that cannot say a step, or hold what nobody understands: nothing begins, and the message names the line.

use std::fs;

use super::world::{Ran, world};

#[test]
fn what_a_target_cannot_say_is_refused_before_anything_begins() {
    let backend = "backend assistant\n  balance hash req.cook(user)\n  server stable 127.0.0.1:1 weight 200\n  server candidate 127.0.0.1:2 weight 0\n";
    for (target, steps, file, words) in [
        ("{ kind: nginx, path: split }", "[10%, 100%]", None, "no `split_clients` block of `$assistant`"),
        (
            "{ kind: nginx, path: split }",
            "[10%, 100%]",
            Some("# a\nsplit_clients $u $assistant { 5% x; * stable; }"),
            "split:2",
        ),
        ("{ kind: haproxy, path: split }", "[10%, 20.25%, 100%]", Some(backend), "cannot say 20.25%"),
        (
            "{ kind: haproxy, path: split }",
            "[10%, 100%]",
            Some(&backend.replace("hash req.cook(user)", "roundrobin")),
            "split:2",
        ),
        ("{ kind: litellm, path: split }", "[10%, 100%]", None, "`unit: request`"),
        ("{ kind: argo-rollouts, path: split }", "[10%, 100%]", None, "Argo drives"),
        ("{ kind: flagd, path: split }", "[10%, 100%]", Some("{\"flags\": {}}"), "no flag `assistant`"),
        ("[{ kind: file, path: s.json }, { kind: flagd, path: split }]", "[10%, 100%]", Some("{"), "split:1"),
    ] {
        let world = world(&format!(
            "deployment: {{ strategy: canary, target: {target}, steps: {steps}, bake: 1h }}\n"
        ));
        if let Some(file) = file {
            fs::write(world.project.path("split"), file).unwrap();
        }
        let before = world.project.snapshot();
        world.start().ends(2, &[words]);
        let after = world.project.snapshot();
        let kept = before.iter().all(|(path, bytes)| after.get(path) == Some(bytes));
        assert!(kept && !world.project.path(".relgate").exists(), "{target}: something was written");
    }
}

#[test]
fn a_file_that_people_edit_keeps_what_is_theirs() {
    let world = world(
        "deployment: { strategy: canary, target: { kind: nginx, path: split.conf }, steps: [10%, 100%], bake: 1h }\n",
    );
    let at = world.project.path("split.conf");
    let file = "# ours: ask ana\nmap $a $b { default 1; }\nsplit_clients \"$cookie_user assistant:2.3.0\" $assistant {\n\t* stable; # the rest\n}\n";
    fs::write(&at, file).unwrap();
    world.start().ends(0, &["running at 10%"]);
    let begun = file.replace("2.3.0", "2.4.0").replace("\t* stable;", "\t10.00%  candidate;\n\t* stable;");
    assert_eq!(fs::read_to_string(&at).unwrap(), begun);
    // Somebody sets another weight by hand: it is seen, and going back sets it right.
    fs::write(&at, begun.replace("10.00%", "60%")).unwrap();
    let held = Ran::of(&mut world.command(&["rollout", "next"]));
    held.ends(3, &["60%"]);
    assert!(
        fs::read_to_string(&at).unwrap().contains("60%"),
        "a weight that was set by hand is not written over"
    );
    world.run(&["rollback", "--as", "ana", "--reason", "who did this"]).ends(0, &["rolled-back at 0%"]);
    assert_eq!(fs::read_to_string(&at).unwrap(), file.replace("2.3.0", "2.4.0"));
}
