//! Deltas replayed onto the first `TalkReset` give the view, and the view is that of the document, after every step of
//! random work on three replicas (each `Peer` checks both after everything it does).

use proptest::prelude::*;
use warroom_engine::{Delta, TalkCommand};

use super::world::{Peer, comment, edit, meet, react, say, seen};
use crate::world::card;

/// One step: who does what.
#[derive(Debug, Clone)]
enum Step {
    Act(TalkCommand),
    Pull(usize),
    Later(u64),
}

fn any_command() -> impl Strategy<Value = TalkCommand> {
    let id = || (0..6_u8).prop_map(|number| comment(&format!("c{number}")));
    let on = || (0..3_u8).prop_map(|number| card(&format!("k{number}")));
    let text = || "[a-zé😀]{0,4}";
    prop_oneof![
        4 => (id(), on(), text()).prop_map(|(id, card, text)| TalkCommand::AddComment {
            id, card, text
        }),
        3 => (id(), text()).prop_map(|(id, text)| TalkCommand::EditComment { id, text }),
        1 => id().prop_map(|id| TalkCommand::DeleteComment { id }),
        1 => id().prop_map(|id| TalkCommand::RestoreComment { id }),
        2 => (id(), prop_oneof![Just("👍"), Just("🎉")])
            .prop_map(|(id, reaction)| TalkCommand::React { id, reaction: reaction.to_owned() }),
        1 => id().prop_map(|id| TalkCommand::Unreact { id }),
        2 => on().prop_map(|card| TalkCommand::Vote { card }),
        1 => on().prop_map(|card| TalkCommand::Unvote { card }),
        3 => proptest::option::of(on()).prop_map(|card| TalkCommand::MarkSeen { card }),
    ]
}

fn any_step() -> impl Strategy<Value = (usize, Step)> {
    let step = prop_oneof![
        10 => any_command().prop_map(Step::Act),
        3 => (0..3_usize).prop_map(Step::Pull),
        1 => (0..12_000_u64).prop_map(Step::Later),
    ];
    (0..3_usize, step)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn the_view_is_that_of_the_document_after_every_step(
        seed in 0..40_u8,
        // two devices of one person among them
        steps in proptest::collection::vec(any_step(), 1..60),
    ) {
        let open = |number, person| Peer::open(number, person, Vec::new());
        let mut peers = [open(seed, "me"), open(seed + 50, "me"), open(seed + 100, "bea")];
        for (who, step) in steps {
            match step {
                Step::Act(command) => drop(peers[who].try_do(command)),
                Step::Pull(other) => {
                    if let Ok([a, b]) = peers.get_disjoint_mut([who, other]) {
                        a.pull(b);
                    }
                }
                Step::Later(ms) => peers[who].wait(ms),
            }
        }
        let [a, b, c] = &mut peers;
        meet(a, b);
        meet(b, c);
        meet(a, c);
        let again = Peer::open(200, "me", a.chunks.clone());
        prop_assert_eq!(again.talk(), a.talk(), "what was stored is what is shown");
    }
}

#[test]
fn a_remote_change_tells_of_what_it_touched_alone() {
    let (mut a, mut b) = (Peer::new(1), Peer::new(2));
    a.act(say("x", "X"));
    a.act(say("y", "Y"));
    meet(&mut a, &mut b);
    let is_x = |told: &[Delta]| matches!(told, [Delta::CommentPut { comment: put }] if put.id == comment("x"));
    for command in [edit("x", "XX"), react("x", "👍")] {
        b.take_told();
        a.act(command.clone());
        b.pull(&a);
        let told = b.take_told();
        assert!(is_x(&told), "{command:?}: {told:?}");
    }
    a.act(TalkCommand::Vote { card: card("a") });
    b.pull(&a);
    let told = b.take_told();
    assert!(matches!(told.as_slice(), [Delta::VotesPut { .. }]), "{told:?}");
    b.act(seen());
    let told = b.take_told();
    assert!(matches!(told.as_slice(), [Delta::SeenPut { .. }]), "{told:?}");
}
