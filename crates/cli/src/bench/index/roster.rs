//! The people of one course: how long it takes to look for the faces of a frame.

use domain::embedding::Embedding;
use domain::enrollment::{Template, TemplateOrigin};
use index::RosterIndex;
use index::peers::Peer;
use serde::Serialize;

use super::crowd::{Crowd, unit};
use super::measures::{Times, repeat};
use super::{IndexArgs, contract, person_id, template_id};

/// Faces of one frame.
const FACES: usize = 8;
/// As many people as a worker asks for with so many faces: one more than there are.
const WANTED: usize = FACES + 1;
const PEOPLE: [usize; 2] = [60, 500];
const TEMPLATES_PER_PERSON: usize = 5;
const DIMENSIONS: [usize; 2] = [128, 512];
const TURNS: usize = 4;

#[derive(Debug, Serialize)]
pub(super) struct RosterReport {
    people: usize,
    templates: usize,
    dimension: usize,
    faces: usize,
    /// Ours: the people most alike to each face.
    ours: Times,
    /// FAISS' `Flat`, of the same vectors: as many templates.
    faiss_flat: Times,
    bytes: usize,
}

pub(super) fn measure(args: &IndexArgs) -> anyhow::Result<Vec<RosterReport>> {
    let dimensions: Vec<usize> = args.dimension.map_or(DIMENSIONS.to_vec(), |only| vec![only]);
    let mut reports = Vec::new();
    for people in PEOPLE {
        for dimension in &dimensions {
            reports.push(roster(args, people, *dimension)?);
        }
    }
    Ok(reports)
}

fn roster(args: &IndexArgs, people: usize, dimension: usize) -> anyhow::Result<RosterReport> {
    let crowd = Crowd::new(dimension, TEMPLATES_PER_PERSON);
    let count = people * TEMPLATES_PER_PERSON;
    let template = |number: usize| Template {
        id: template_id(number),
        person_id: person_id(number / TEMPLATES_PER_PERSON),
        contract: contract(dimension),
        embedding: unit(crowd.template(number)),
        quality: 1.0,
        origin: TemplateOrigin::Original,
    };
    let templates: Vec<Template> = (0..count).map(template).collect();
    let index = RosterIndex::build(1, &contract(dimension), dimension, &templates)?;
    let mut peer = Peer::new("Flat", dimension)?;
    peer.add(&templates.iter().flat_map(|template| template.embedding.as_slice()).copied().collect::<Vec<f32>>())?;
    // Frames of other people each time; every other face is a stranger's.
    let frame = |turn: usize| -> Vec<Embedding> {
        let face = |face: usize| match (turn * FACES + face) as u64 {
            draw if face.is_multiple_of(2) => crowd.seen((draw as usize * 7919) % count, draw),
            draw => crowd.stranger(draw),
        };
        (0..FACES).map(face).collect()
    };
    let frames: Vec<Vec<Embedding>> = (0..64).map(frame).collect();
    // By turns, so that neither has the quieter machine.
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let seconds = args.seconds / (PEOPLE.len() * DIMENSIONS.len() * TURNS) as f64;
    for _turn in 0..TURNS {
        ours.extend(repeat(seconds, |turn| {
            let faces: Vec<&Embedding> = frames[turn % frames.len()].iter().collect();
            index.search(&faces, WANTED).map(drop)
        })?);
        theirs.extend(repeat(seconds, |turn| {
            let flat: Vec<f32> = frames[turn % frames.len()].iter().flat_map(Embedding::as_slice).copied().collect();
            peer.search(&flat, WANTED * TEMPLATES_PER_PERSON).map(drop)
        })?);
    }
    let (ours, faiss_flat) = (Times::of(ours), Times::of(theirs));
    Ok(RosterReport { people, templates: count, dimension, faces: FACES, ours, faiss_flat, bytes: index.bytes() })
}
