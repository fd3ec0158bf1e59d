use std::sync::Arc;

use domain::contract::ContractId;
use domain::embedding::Embedding;
use domain::enrollment::Template;
use index::{IndexError, RosterIndex};
use proptest::prelude::*;

use crate::crowd::{DIMENSION, brute_force, contract, embedding, is_closest, template, templates};

fn build(templates: &[Template]) -> Result<RosterIndex, IndexError> {
    RosterIndex::build(3, &contract(), DIMENSION, templates)
}

fn axis(number: usize) -> Embedding {
    let mut values = vec![0.0; DIMENSION];
    values[number] = 1.0;
    Embedding::normalized(values).expect("a direction")
}

proptest! {
    #[test]
    fn finds_what_looking_at_everything_finds(
        templates in templates(12),
        // Twenty and more queries go another way through FAISS, by matrix multiplication.
        queries in prop::collection::vec(embedding(), 0..30),
        k in 0usize..15,
    ) {
        let index = build(&templates)?;
        let queries: Vec<&Embedding> = queries.iter().collect();
        let answers = index.search(&queries, k)?;
        prop_assert_eq!(answers.len(), queries.len());
        for (query, found) in queries.iter().zip(&answers) {
            prop_assert!(is_closest(found, &brute_force(&templates, query), k), "{found:?}");
        }
    }
}

#[test]
fn a_person_with_very_many_templates_hides_nobody() -> Result<(), IndexError> {
    let mut templates: Vec<Template> = (0..500).map(|number| template(number, 1, axis(0))).collect();
    templates.push(template(500, 2, axis(1)));
    let index = build(&templates)?;
    let answers = index.search(&[&axis(0)], 2)?;
    assert_eq!(answers[0].iter().map(|c| c.similarity).collect::<Vec<_>>(), [1.0, 0.0]);
    assert_eq!((index.people(), index.version()), (2, 3));
    Ok(())
}

#[test]
fn an_empty_roster_finds_nobody() -> Result<(), IndexError> {
    let index = build(&[])?;
    assert_eq!(index.search(&[&axis(0), &axis(1)], 5)?, [vec![], vec![]]);
    assert_eq!((index.people(), index.bytes()), (0, 0));
    Ok(())
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let stranger = Template { contract: ContractId::new("another"), ..template(1, 1, axis(0)) };
    assert!(matches!(build(&[stranger]), Err(IndexError::Contract { .. })));
    let short = Embedding::normalized(vec![1.0; 3]).expect("a direction");
    assert!(matches!(
        build(&[template(1, 1, short.clone())]),
        Err(IndexError::Dimension { expected: DIMENSION, found: 3 })
    ));
    let index = build(&[template(1, 1, axis(0))]).expect("one template");
    assert!(matches!(index.search(&[&short], 1), Err(IndexError::Dimension { .. })));
}

#[test]
fn threads_search_one_index_at_once() -> Result<(), IndexError> {
    let templates: Vec<Template> = (0..8).map(|number| template(number, number as u8, axis(number))).collect();
    let index = Arc::new(build(&templates)?);
    std::thread::scope(|scope| {
        for (number, template) in templates.iter().enumerate() {
            let index = Arc::clone(&index);
            let expected = template.person_id;
            scope.spawn(move || {
                for _ in 0..100 {
                    let answers = index.search(&[&axis(number)], 1).expect("a search");
                    assert_eq!(answers[0][0].person_id, expected);
                }
            });
        }
    });
    Ok(())
}
