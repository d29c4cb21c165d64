//! Memory that is used again. A training step asks for the same hundreds of megabytes over and over; given back to the
//! system each time, every page of them would have to be cleared and mapped anew. Regions of memory are taken from the system
//! and handed out in pieces; pieces that come back join their free neighbours.

use burn::tensor::Shape;
use burn_flex::{FlexTensor, Layout};
use burn_std::{AccessError, AccessPolicy, AllocationController, AllocationProperty, Bytes, DType};
use std::alloc;
use std::collections::BTreeMap;
use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard};

/// Pieces are multiples of this many numbers. Smaller buffers are left to the system, which keeps such itself.
const GRAIN: usize = 1 << 14;

/// Numbers in a region, unless one buffer needs more.
const REGION: usize = 1 << 24;

/// Where a region begins: at the start of a cache line.
const ALIGNMENT: usize = 64;

/// Numbers whose memory is used again when they are dropped.
#[derive(Debug)]
pub struct Buffer {
    start: NonNull<f32>,
    len: usize,
    /// The region it is a piece of; a small one has memory of its own.
    region: Option<usize>,
}

// SAFETY: a buffer owns its piece of memory as a vector does.
unsafe impl Send for Buffer {}
unsafe impl Sync for Buffer {}

impl Buffer {
    /// `len` numbers that say nothing yet: what an earlier use left there.
    pub fn any(len: usize) -> Self {
        if len < GRAIN {
            let own = Box::leak(vec![0.0f32; len].into_boxed_slice());
            return Self { start: NonNull::from(own).cast(), len, region: None };
        }
        let (region, start) = store().take(len.next_multiple_of(GRAIN));
        Self { start, len, region: Some(region) }
    }

    pub fn zeros(len: usize) -> Self {
        let mut buffer = Self::any(len);
        buffer.fill(0.0);
        buffer
    }

    /// The same numbers as a tensor, without a copy.
    pub fn into_tensor(self, shape: impl Into<Shape>) -> FlexTensor {
        let shape = shape.into();
        let bytes = self.len * size_of::<f32>();
        assert_eq!(self.len, shape.num_elements(), "the shape fits the numbers");
        // SAFETY: all numbers of a buffer are initialized.
        let bytes = unsafe { Bytes::from_controller(Box::new(Kept(self)), bytes) };
        FlexTensor::new(bytes, Layout::contiguous(shape), DType::F32)
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        // SAFETY: the piece belongs to this buffer alone, and regions begin as zeros.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        let mut copy = Self::any(self.len);
        copy.copy_from_slice(self);
        copy
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        match self.region {
            Some(region) => store().put_back(region, self.start, self.len.next_multiple_of(GRAIN)),
            None => {
                let own = std::ptr::slice_from_raw_parts_mut(self.start.as_ptr(), self.len);
                // SAFETY: it was leaked from a box of this length.
                drop(unsafe { Box::from_raw(own) });
            }
        }
    }
}

/// A buffer in the hands of a tensor.
struct Kept(Buffer);

impl AllocationController for Kept {
    fn alloc_align(&self) -> usize {
        align_of::<f32>()
    }

    fn property(&self) -> AllocationProperty {
        AllocationProperty::Other
    }

    unsafe fn memory_mut(&mut self, _: AccessPolicy) -> Result<&mut [MaybeUninit<u8>], AccessError> {
        let numbers: &mut [f32] = &mut self.0;
        // SAFETY: bytes have no alignment to keep, and whoever writes promises initialized ones.
        Ok(unsafe { std::slice::from_raw_parts_mut(numbers.as_mut_ptr().cast(), size_of_val(numbers)) })
    }

    fn memory(&self, _: AccessPolicy) -> Result<&[MaybeUninit<u8>], AccessError> {
        let numbers: &[f32] = &self.0;
        // SAFETY: as above, and nothing is written.
        Ok(unsafe { std::slice::from_raw_parts(numbers.as_ptr().cast(), size_of_val(numbers)) })
    }
}

/// Gives regions of which nothing is in use back to the system: for the end of a run.
pub fn release_memory() {
    store().release();
}

struct Store {
    /// `None` where a region was given back.
    regions: Vec<Option<Region>>,
}

struct Region {
    start: NonNull<f32>,
    len: usize,
    /// Free pieces: where they begin, and their length.
    free: BTreeMap<usize, usize>,
}

// SAFETY: a region is memory that is reached through the store's lock alone; what is handed out leaves the free pieces.
unsafe impl Send for Region {}

static STORE: Mutex<Store> = Mutex::new(Store { regions: Vec::new() });

fn store() -> MutexGuard<'static, Store> {
    STORE.lock().expect("nothing panics while it holds the store")
}

impl Store {
    /// The smallest free piece that is large enough, or a new region.
    fn take(&mut self, len: usize) -> (usize, NonNull<f32>) {
        let regions = self.regions.iter().enumerate().filter_map(|(index, region)| Some((index, region.as_ref()?)));
        let pieces = regions.flat_map(|(index, region)| region.free.iter().map(move |(&at, &size)| (size, index, at)));
        let best = pieces.filter(|(size, ..)| *size >= len).min();
        let (size, index, at) = best.unwrap_or_else(|| self.grow(len));
        let region = self.regions[index].as_mut().expect("free pieces lie in regions");
        region.free.remove(&at);
        if size > len {
            region.free.insert(at + len, size - len);
        }
        // SAFETY: the piece lies inside the region.
        (index, unsafe { region.start.add(at) })
    }

    fn grow(&mut self, len: usize) -> (usize, usize, usize) {
        let len = len.max(REGION);
        let layout = layout(len);
        // SAFETY: the size is not 0. All bits 0 is the number 0.
        let start = NonNull::new(unsafe { alloc::alloc_zeroed(layout) }.cast());
        let start = start.unwrap_or_else(|| alloc::handle_alloc_error(layout));
        let region = Some(Region { start, len, free: BTreeMap::from([(0, len)]) });
        let index = match self.regions.iter().position(Option::is_none) {
            Some(gap) => gap,
            None => {
                self.regions.push(None);
                self.regions.len() - 1
            }
        };
        self.regions[index] = region;
        (len, index, 0)
    }

    fn put_back(&mut self, index: usize, start: NonNull<f32>, mut len: usize) {
        let region = self.regions[index].as_mut().expect("a region lives as long as its pieces");
        // SAFETY: the piece lies inside the region.
        let mut at = unsafe { start.offset_from_unsigned(region.start) };
        if let Some(after) = region.free.remove(&(at + len)) {
            len += after;
        }
        if let Some((&before, &size)) = region.free.range(..at).next_back()
            && before + size == at
        {
            region.free.remove(&before);
            (at, len) = (before, len + size);
        }
        region.free.insert(at, len);
    }

    fn release(&mut self) {
        for place in &mut self.regions {
            if place.as_ref().is_some_and(|region| region.free.get(&0) == Some(&region.len)) {
                *place = None;
            }
        }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: it was allocated with this layout.
        unsafe { alloc::dealloc(self.start.as_ptr().cast(), layout(self.len)) };
    }
}

fn layout(len: usize) -> alloc::Layout {
    alloc::Layout::from_size_align(len * size_of::<f32>(), ALIGNMENT).expect("a region fits the address space")
}

#[cfg(test)]
mod tests {
    use super::*;
    use random::{Purpose, Stream};

    #[test]
    fn buffers_do_not_overlap_and_pieces_join_again() {
        let mut stream = Stream::new(1, Purpose::Sample, [0, 0]);
        let mut held: Vec<(f32, Buffer)> = Vec::new();
        for number in 0..2000 {
            if held.len() > 20 || (number % 3 == 0 && !held.is_empty()) {
                let (mark, buffer) = held.swap_remove(stream.below(held.len() as u32) as usize);
                assert!(buffer.iter().all(|&value| value == mark), "somebody else wrote into a buffer");
            }
            let mut buffer = Buffer::any(stream.below(10 * GRAIN as u32) as usize);
            buffer.fill(number as f32);
            held.push((number as f32, buffer));
        }
        held.clear();
        // Other tests may hold buffers of their own; what comes back must still not be in crumbs.
        let pieces: usize = store().regions.iter().flatten().map(|region| region.free.len()).sum();
        assert!(pieces < 100, "{pieces} pieces are left");
        assert!(Buffer::zeros(3 * GRAIN).iter().all(|&value| value == 0.0));
    }
}
