//! Rows in the order of their hashes.

use std::ops::Range;

use rayon::prelude::*;

/// About so many rows fall into one part.
const PART: usize = 256;
/// No more parts than those that a processor can write to side by side.
const MOST_PARTS: usize = 1 << 13;

/// Rows in ascending order of `of`, equal ones by their numbers. Hashes spread evenly, so the first bits of `hash`, by which `of`
/// is ordered first, say nearly where a row stands: half of the work of a sort that compares, and a quarter of its memory. Rows
/// of other hashes are put in order as well, only slower.
pub(super) fn order<T: Ord + Send>(
    rows: Range<u32>,
    hash: impl Fn(u32) -> u64,
    of: impl Fn(u32) -> T + Sync,
) -> Vec<u32> {
    let parts = (rows.len() / PART).next_power_of_two().min(MOST_PARTS);
    let part_of = |row: u32| hash(row).checked_shr(64 - parts.ilog2()).unwrap_or(0) as usize;
    // Behind each part, how many rows stand in it; then, where its next row goes.
    let mut next = vec![0_usize; parts + 1];
    for row in rows.clone() {
        if let Some(size) = next.get_mut(part_of(row) + 1) {
            *size += 1;
        }
    }
    let mut before = 0;
    for place in &mut next {
        before += *place;
        *place = before;
    }
    let sizes: Vec<usize> = next.array_windows().map(|[start, end]| end - start).collect();
    let mut order = vec![0_u32; rows.len()];
    for row in rows {
        if let Some(own) = next.get_mut(part_of(row))
            && let Some(place) = order.get_mut(*own)
        {
            *place = row;
            *own += 1;
        }
    }
    let mut rest = order.as_mut_slice();
    let mut pieces = Vec::with_capacity(parts);
    for size in sizes {
        let Some((piece, behind)) = rest.split_at_mut_checked(size) else { break };
        pieces.push(piece);
        rest = behind;
    }
    pieces.into_par_iter().for_each_init(Vec::new, |keyed: &mut Vec<(T, u32)>, piece| {
        keyed.clear();
        keyed.extend(piece.iter().map(|row| (of(*row), *row)));
        keyed.sort_unstable();
        for (place, (_, row)) in piece.iter_mut().zip(keyed.iter()) {
            *place = *row;
        }
    });
    order
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn rows_are_in_order_whatever_their_hashes() {
        let scattered = |row: u32| u64::from(row).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let hashes: [&dyn Fn(u32) -> u64; 5] = [
            &scattered,
            &|row| scattered(row) % 7,
            &|_| u64::MAX,
            &|row| scattered(row) >> 62 << 62 | u64::from(row % 3),
            &|row| scattered(row) / 1000,
        ];
        for size in [0, 1, 2, 255, 256, 1000, 20_000] {
            for hash in hashes {
                let hashes: Vec<u64> = (0..size).map(hash).collect();
                let of = |row: u32| hashes[row as usize];
                let mut expected: Vec<u32> = (0..size).collect();
                expected.sort_by_key(|row| of(*row));
                assert_eq!(order(0..size, of, of), expected, "{size}");
            }
        }
    }
}
