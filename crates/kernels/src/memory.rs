//! Memory that is used again. A training step asks for the same hundreds of megabytes over and over; given back to the
//! system each time, every page of them would have to be cleared and mapped anew.

use burn::tensor::Shape;
use burn_flex::{FlexTensor, Layout};
use burn_std::{AccessError, AccessPolicy, AllocationController, AllocationProperty, Bytes, DType};
use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};
use std::sync::Mutex;

/// Smaller ones are left to the system's allocator, which keeps them itself.
const WORTH_KEEPING: usize = 1 << 14;

/// Numbers that go back to the store when they are dropped.
#[derive(Debug)]
pub struct Buffer {
    values: Vec<f32>,
    len: usize,
}

impl Buffer {
    /// `len` numbers that say nothing yet: what an earlier use left there.
    pub fn any(len: usize) -> Self {
        Self { values: STORE.take(len), len }
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
        &self.values[..self.len]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values[..self.len]
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
        STORE.keep(std::mem::take(&mut self.values));
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

/// What lies ready for the next use.
struct Store {
    state: Mutex<Free>,
}

struct Free {
    /// From the smallest to the largest.
    vectors: Vec<Vec<f32>>,
    lying: usize,
    in_use: usize,
    most_in_use: usize,
}

static STORE: Store = Store { state: Mutex::new(Free { vectors: Vec::new(), lying: 0, in_use: 0, most_in_use: 0 }) };

impl Store {
    /// A vector of at least `len` numbers: the smallest that lies ready and is not much too large, else a new one.
    fn take(&self, len: usize) -> Vec<f32> {
        if len < WORTH_KEEPING {
            return vec![0.0; len];
        }
        // A little room, so that a batch with a few more tokens finds what the last one left.
        let room = len.next_multiple_of(WORTH_KEEPING);
        let mut free = self.state.lock().expect("nothing panics while it holds the store");
        let fit = free.vectors.partition_point(|vector| vector.len() < room);
        let found = free.vectors.get(fit).is_some_and(|vector| vector.len() <= room + room / 2);
        let vector = if found {
            let vector = free.vectors.remove(fit);
            free.lying -= vector.len();
            vector
        } else {
            // What is kept must not grow beyond what was once needed at a time.
            while free.lying > 0 && free.lying + free.in_use + room > free.most_in_use {
                let largest = free.vectors.pop().expect("something lies there");
                free.lying -= largest.len();
            }
            vec![0.0; room]
        };
        free.in_use += vector.len();
        free.most_in_use = free.most_in_use.max(free.in_use);
        vector
    }

    fn keep(&self, vector: Vec<f32>) {
        if vector.len() < WORTH_KEEPING {
            return;
        }
        let mut free = self.state.lock().expect("nothing panics while it holds the store");
        free.in_use -= vector.len();
        free.lying += vector.len();
        let place = free.vectors.partition_point(|other| other.len() < vector.len());
        free.vectors.insert(place, vector);
    }
}
