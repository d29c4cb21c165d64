//! Sum of word, position and segment embeddings, normalized, with dropout (Devlin et al. 2019, section 3).

use crate::dropout::Site;
use crate::memory::Buffer;
use crate::norm::{self, Norm};
use crate::rows;
use crate::shared::Shared;
use std::sync::Arc;

/// Word piece, position and segment of each row.
#[derive(Debug, Clone)]
pub struct Places {
    pub words: Arc<[i32]>,
    pub positions: Arc<[i32]>,
    pub segments: Arc<[i32]>,
}

impl Places {
    fn each(&self) -> [&Arc<[i32]>; 3] {
        [&self.words, &self.positions, &self.segments]
    }
}

#[derive(Debug, Clone)]
pub struct Saved {
    normalized: Buffer,
    deviations: Buffer,
}

/// `[rows, width]`, from the tables of words, positions and segments, `[count, width]` each.
pub fn forward(places: &Places, tables: [&[f32]; 3], norm: Norm, site: Option<&Site>) -> (Buffer, Saved) {
    let width = norm.weight.len();
    let count = places.words.len();
    for (table, places) in tables.iter().zip(places.each()) {
        let fits = |&place: &i32| usize::try_from(place).is_ok_and(|place| (place + 1) * width <= table.len());
        assert!(places.len() == count && places.iter().all(fits), "every row has its embeddings");
    }
    let mut sums = Buffer::any(count * width);
    let place = Shared::new(&mut sums);
    rows::for_each(count, |rows| {
        for row in rows {
            // SAFETY: tasks have rows of their own.
            let sum = unsafe { place.part(row * width, width) };
            let [word, position, segment] = [0, 1, 2].map(|i| {
                let start = places.each()[i][row] as usize * width;
                &tables[i][start..start + width]
            });
            for (((sum, word), position), segment) in sum.iter_mut().zip(word).zip(position).zip(segment) {
                *sum = word + position + segment;
            }
        }
    });
    let mut y = Buffer::any(count * width);
    let mut deviations = Buffer::any(count);
    norm::forward(&mut sums, None, norm, None, &mut y, &mut deviations);
    if let Some(site) = site {
        drop_rows(site, &mut y, width);
    }
    (y, Saved { normalized: sums, deviations })
}

/// From the gradient of y to those of the three tables, of `sizes` elements, and of the norm's weight and bias.
pub fn backward(
    dy: &mut [f32],
    places: &Places,
    sizes: [usize; 3],
    weight: &[f32],
    site: Option<&Site>,
    saved: Saved,
) -> [Buffer; 5] {
    let width = weight.len();
    if let Some(site) = site {
        drop_rows(site, dy, width);
    }
    let Saved { mut normalized, deviations } = saved;
    let mut sums = Buffer::any(3 * width);
    norm::backward(dy, &mut normalized, weight, &deviations, None, &mut sums);
    let [words, positions, segments] = [0, 1, 2].map(|i| {
        let mut table = Buffer::zeros(sizes[i]);
        for (dy, &place) in dy.chunks_exact(width).zip(places.each()[i].iter()) {
            let row = &mut table[place as usize * width..][..width];
            row.iter_mut().zip(dy).for_each(|(sum, dy)| *sum += dy);
        }
        table
    });
    let part = |start: usize| {
        let mut part = Buffer::any(width);
        part.copy_from_slice(&sums[start..start + width]);
        part
    };
    [words, positions, segments, part(0), part(width)]
}

fn drop_rows(site: &Site, values: &mut [f32], width: usize) {
    let count = values.len() / width;
    let values = Shared::new(values);
    rows::for_each(count, |rows| {
        for row in rows {
            // SAFETY: tasks have rows of their own.
            site.apply_to_row(row as u32, unsafe { values.part(row * width, width) });
        }
    });
}
