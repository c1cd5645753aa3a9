//! The few AWS calls that the program itself makes.
