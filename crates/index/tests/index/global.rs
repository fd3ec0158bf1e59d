use domain::embedding::Embedding;
use domain::enrollment::Template;
use index::{GlobalIndex, IndexError, TemplateChange};
use proptest::prelude::*;

use crate::crowd::{addition, brute_force, contract, embedding, is_closest, removal, template, templates};

/// Comings, then some goings and returns to nothing, cut into pages.
fn log() -> impl Strategy<Value = (Vec<Template>, Vec<TemplateChange>, usize)> {
    let gone = prop::collection::vec(any::<prop::sample::Index>(), 0..40);
    (templates(10), gone, 1usize..30).prop_map(|(templates, gone, page)| {
        let mut left = templates.clone();
        let mut log: Vec<TemplateChange> = Vec::new();
        let next = |log: &Vec<TemplateChange>| log.len() as i64 * 3 + 2;
        let (early, late) = templates.split_at(templates.len() / 2);
        for template in early {
            log.push(addition(next(&log), template));
        }
        for index in &gone {
            if let Some(template) = (!early.is_empty()).then(|| index.get(early)) {
                log.push(removal(next(&log), template));
                left.retain(|other| other.id != template.id);
            }
        }
        for template in late {
            log.push(addition(next(&log), template));
        }
        (left, log, page)
    })
}

proptest! {
    #[test]
    fn follows_the_log_exactly(
        (left, log, page) in log(),
        queries in prop::collection::vec(embedding(), 1..4),
        k in 1usize..12,
    ) {
        let mut index = GlobalIndex::new(contract());
        for changes in log.chunks(page) {
            index.apply(changes)?;
            // A page that comes again, alone or with what was before it, changes nothing.
            index.apply(changes)?;
        }
        prop_assert_eq!(index.len(), left.len());
        prop_assert_eq!(index.watermark(), log.last().map_or(0, |change| change.revision));
        let queries: Vec<&Embedding> = queries.iter().collect();
        for (query, found) in queries.iter().zip(index.search(&queries, k)?) {
            let everybody = brute_force(&left, query);
            prop_assert_eq!(index.people(), everybody.len());
            prop_assert!(is_closest(&found, &everybody, k));
        }
        index.check_sample()?;
    }
}

fn face(x: f32) -> Embedding {
    Embedding::normalized(vec![x, 1.0]).expect("a direction")
}

#[test]
fn the_watermark_never_falls() -> Result<(), IndexError> {
    let mut index = GlobalIndex::new(contract());
    index.apply(&[addition(4, &template(1, 1, face(0.0)))])?;
    index.advance_to(9);
    index.advance_to(3);
    assert_eq!(index.watermark(), 9);
    index.apply(&[addition(9, &template(2, 2, face(0.0)))])?;
    assert_eq!((index.len(), index.watermark()), (1, 9));
    Ok(())
}

#[test]
fn a_page_with_a_stranger_among_it_is_not_applied() -> Result<(), IndexError> {
    let mut index = GlobalIndex::new(contract());
    index.apply(&[addition(1, &template(1, 1, face(0.0)))])?;
    let other = Embedding::normalized(vec![1.0; 3]).expect("a direction");
    let page = [addition(2, &template(2, 2, face(1.0))), addition(3, &template(3, 3, other))];
    assert!(matches!(index.apply(&page), Err(IndexError::Dimension { expected: 2, found: 3 })));
    assert_eq!((index.len(), index.watermark()), (1, 1));
    Ok(())
}

#[test]
fn before_the_first_template_nobody_is_found() -> Result<(), IndexError> {
    let mut index = GlobalIndex::new(contract());
    assert_eq!(index.search(&[&face(0.0)], 3)?, [vec![]]);
    let only = template(1, 1, face(0.0));
    index.apply(&[addition(1, &only), removal(2, &only)])?;
    assert!(index.is_empty());
    assert_eq!(index.search(&[&face(0.0)], 3)?, [vec![]]);
    index.check_sample()
}
