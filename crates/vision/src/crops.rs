//! MTCNN's second and third net see each candidate alone, cut out and resized.

use domain::geometry::{Landmarks, Point};

use crate::area;
use crate::boxes::{Candidate, Offsets, Region, region};
use crate::error::VisionError;
use crate::picture::Picture;
use crate::torch::{Net, Output, Pixels};

/// A candidate of one of several pictures, with the pixels that show it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cut {
    /// Position of the picture.
    pub(crate) picture: usize,
    pub(crate) candidate: Candidate,
    region: Region,
}

/// The candidates of each picture that have pixels in it.
pub(crate) fn cuts(pictures: &[Picture], candidates: &[Vec<Candidate>]) -> Vec<Cut> {
    let each = pictures.iter().zip(candidates).enumerate();
    each.flat_map(|(position, (picture, candidates))| {
        candidates.iter().filter_map(move |candidate| {
            let region = region(candidate.face_box, picture.width, picture.height)?;
            Some(Cut { picture: position, candidate: *candidate, region })
        })
    })
    .collect()
}

/// Crops that go through a net together.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    pub(crate) cuts: &'a [Cut],
    /// Width and height of each crop.
    side: usize,
    /// Red, green and blue, 0..=255, of one crop after the other.
    values: Vec<f32>,
}

/// Cuts out and resizes to `side` x `side`.
pub(crate) fn crop<'a>(pictures: &[Picture], cuts: &'a [Cut], side: usize) -> Batch<'a> {
    let mut values = vec![0.0; cuts.len() * side * side * 3];
    for (cut, target) in cuts.iter().zip(values.chunks_exact_mut(side * side * 3)) {
        area::resize(&pictures[cut.picture], cut.region, side, side, target);
    }
    Batch { cuts, side, values }
}

/// What a net says about a crop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Verdict {
    /// Probability of a face.
    pub(crate) score: f32,
    pub(crate) offsets: Offsets,
    /// Five x, then five y, as fractions of the box's sides; the third net only.
    pub(crate) points: Option<[f32; 10]>,
}

impl Verdict {
    /// The landmarks in pixels of the picture; `None` where the net gives none.
    pub(crate) fn landmarks(&self, candidate: &Candidate) -> Option<Landmarks> {
        let seen = &candidate.face_box;
        let points = self.points?;
        let x = |number: usize| (seen.width() + 1.0) * points[number] + seen.x_min - 1.0;
        let y = |number: usize| (seen.height() + 1.0) * points[5 + number] + seen.y_min - 1.0;
        Some(std::array::from_fn(|number| Point { x: x(number), y: y(number) }))
    }
}

/// Shows crops to a net.
pub(crate) fn judge(net: &Net, batch: &Batch<'_>) -> Result<Vec<Verdict>, VisionError> {
    let outputs = net.run(Pixels::Floats(&batch.values), [batch.cuts.len(), batch.side, batch.side])?;
    verdicts(&outputs, batch.cuts.len()).ok_or_else(|| net.unexpected("results of unexpected number or shape"))
}

fn verdicts(outputs: &[Output], count: usize) -> Option<Vec<Verdict>> {
    let (offsets, scores, points) = match outputs {
        [offsets, scores] => (offsets, scores, None),
        [offsets, scores, points] => (offsets, scores, Some(points)),
        _ => return None,
    };
    let are_whole = offsets.shape == [count, 4]
        && scores.shape == [count]
        && points.is_none_or(|points| points.shape == [count, 10]);
    if !are_whole {
        return None;
    }
    let (offsets, _) = offsets.values.as_chunks::<4>();
    let points = points.map(|points| points.values.as_chunks::<10>().0);
    let each = scores.values.iter().zip(offsets).enumerate();
    Some(
        each.map(|(number, (score, offsets))| Verdict {
            score: *score,
            offsets: *offsets,
            points: points.map(|points| points[number]),
        })
        .collect(),
    )
}

#[cfg(test)]
mod tests {
    use domain::geometry::FaceBox;

    use super::{Candidate, Output, Verdict, verdicts};

    fn output(shape: &[usize]) -> Output {
        let count = shape.iter().product::<usize>();
        Output { shape: shape.to_vec(), values: (0..count).map(|value| value as f32).collect() }
    }

    #[test]
    fn results_of_another_shape_are_refused() {
        assert_eq!(verdicts(&[output(&[2, 4]), output(&[2])], 2).map(|all| all[1].offsets), Some([4.0, 5.0, 6.0, 7.0]));
        let points = verdicts(&[output(&[2, 4]), output(&[2]), output(&[2, 10])], 2).map(|all| all[1].points.is_some());
        assert_eq!(points, Some(true));
        assert_eq!(verdicts(&[output(&[2, 4])], 2), None);
        assert_eq!(verdicts(&[output(&[2, 4]), output(&[3])], 2), None);
        assert_eq!(verdicts(&[output(&[2, 4]), output(&[2]), output(&[2, 5])], 2), None);
    }

    #[test]
    fn landmarks_are_fractions_of_sides_that_count_both_edges() {
        let points = [0.0, 0.5, 1.0, 0.25, 0.75, 1.0, 0.5, 0.0, 0.25, 0.75];
        let verdict = Verdict { score: 1.0, offsets: [0.0; 4], points: Some(points) };
        let face_box = FaceBox { x_min: 11.0, y_min: 21.0, x_max: 30.0, y_max: 60.0 };
        let landmarks = verdict.landmarks(&Candidate { face_box, score: 1.0 }).expect("the net gave points");
        assert_eq!(landmarks.map(|point| point.x), [10.0, 20.0, 30.0, 15.0, 25.0]);
        assert_eq!(landmarks.map(|point| point.y), [60.0, 40.0, 20.0, 30.0, 50.0]);
    }
}
