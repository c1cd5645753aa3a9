//! What can differ so that data cannot be read.

use std::fmt;

/// A change that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incompatibility {
    /// What changed.
    pub difference: Difference,
    /// Where: a JSON pointer after `#`, without the keywords' indexes of references.
    pub path: String,
}

macro_rules! differences {
    ($($name:ident $code:literal $text:literal,)*) => {
        /// What changed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Difference {
            $(#[doc = $text] $name,)*
        }

        impl Difference {
            /// The name that Confluent's Schema Registry gives this difference.
            pub fn code(self) -> &'static str {
                match self { $(Difference::$name => $code,)* }
            }

            /// What it is, in words.
            pub fn describe(self) -> &'static str {
                match self { $(Difference::$name => $text,)* }
            }
        }
    };
}

differences! {
    SchemaAdded "SCHEMA_ADDED" "a schema where the old one had none",
    TypeChanged "TYPE_CHANGED" "another type",
    TypeNarrowed "TYPE_NARROWED" "number became integer",
    CombinedTypeChanged "COMBINED_TYPE_CHANGED" "another of allOf, anyOf, oneOf",
    ProductTypeExtended "PRODUCT_TYPE_EXTENDED" "allOf has more branches",
    SumTypeNarrowed "SUM_TYPE_NARROWED" "anyOf or oneOf has fewer branches",
    CombinedTypeSubschemasChanged "COMBINED_TYPE_SUBSCHEMAS_CHANGED" "a branch has no compatible branch on the other side",
    NotTypeNarrowed "NOT_TYPE_NARROWED" "more is excluded by not",
    EnumArrayNarrowed "ENUM_ARRAY_NARROWED" "enum has fewer values",
    EnumArrayChanged "ENUM_ARRAY_CHANGED" "enum has lost values",
    ConstChanged "CONST_CHANGED" "const changed",
    MaxLengthAdded "MAX_LENGTH_ADDED" "maxLength was added",
    MaxLengthDecreased "MAX_LENGTH_DECREASED" "maxLength is less",
    MinLengthAdded "MIN_LENGTH_ADDED" "minLength was added",
    MinLengthIncreased "MIN_LENGTH_INCREASED" "minLength is more",
    PatternAdded "PATTERN_ADDED" "pattern was added",
    PatternChanged "PATTERN_CHANGED" "pattern changed",
    MaximumAdded "MAXIMUM_ADDED" "maximum was added",
    MaximumDecreased "MAXIMUM_DECREASED" "maximum is less",
    MinimumAdded "MINIMUM_ADDED" "minimum was added",
    MinimumIncreased "MINIMUM_INCREASED" "minimum is more",
    ExclusiveMaximumAdded "EXCLUSIVE_MAXIMUM_ADDED" "exclusiveMaximum was added",
    ExclusiveMaximumDecreased "EXCLUSIVE_MAXIMUM_DECREASED" "exclusiveMaximum is less",
    ExclusiveMinimumAdded "EXCLUSIVE_MINIMUM_ADDED" "exclusiveMinimum was added",
    ExclusiveMinimumIncreased "EXCLUSIVE_MINIMUM_INCREASED" "exclusiveMinimum is more",
    MultipleOfAdded "MULTIPLE_OF_ADDED" "multipleOf was added",
    MultipleOfExpanded "MULTIPLE_OF_EXPANDED" "multipleOf is a multiple of the old one",
    MultipleOfChanged "MULTIPLE_OF_CHANGED" "multipleOf does not divide the old one",
    RequiredAttributeAdded "REQUIRED_ATTRIBUTE_ADDED" "a property became required and has no default",
    MaxPropertiesAdded "MAX_PROPERTIES_ADDED" "maxProperties was added",
    MaxPropertiesDecreased "MAX_PROPERTIES_DECREASED" "maxProperties is less",
    MinPropertiesAdded "MIN_PROPERTIES_ADDED" "minProperties was added",
    MinPropertiesIncreased "MIN_PROPERTIES_INCREASED" "minProperties is more",
    AdditionalPropertiesRemoved "ADDITIONAL_PROPERTIES_REMOVED" "further properties are no longer allowed",
    AdditionalPropertiesNarrowed "ADDITIONAL_PROPERTIES_NARROWED" "further properties got a schema",
    UnevaluatedPropertiesRemoved "UNEVALUATED_PROPERTIES_REMOVED" "unevaluated properties are no longer allowed",
    UnevaluatedPropertiesNarrowed "UNEVALUATED_PROPERTIES_NARROWED" "unevaluated properties got a schema",
    DependencyArrayAdded "DEPENDENCY_ARRAY_ADDED" "a dependency was added",
    DependencyArrayExtended "DEPENDENCY_ARRAY_EXTENDED" "a dependency asks for more properties",
    DependencyArrayChanged "DEPENDENCY_ARRAY_CHANGED" "a dependency asks for other properties",
    DependencySchemaAdded "DEPENDENCY_SCHEMA_ADDED" "a dependency with a schema was added",
    PropertyAddedToOpenContentModel "PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL" "a property with a schema was added to an object that allowed any value there",
    RequiredPropertyAddedToUnopenContentModel "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL" "a required property without default was added",
    PropertyRemovedFromClosedContentModel "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL" "a property was removed from an object that allows no others",
    PropertyAddedNotCoveredByPartiallyOpenContentModel "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL" "a property was added whose schema does not extend the one that held for it before",
    PropertyRemovedNotCoveredByPartiallyOpenContentModel "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL" "a property was removed, and the schema that now holds for it does not extend the old one",
    MaxItemsAdded "MAX_ITEMS_ADDED" "maxItems was added",
    MaxItemsDecreased "MAX_ITEMS_DECREASED" "maxItems is less",
    MinItemsAdded "MIN_ITEMS_ADDED" "minItems was added",
    MinItemsIncreased "MIN_ITEMS_INCREASED" "minItems is more",
    MaxContainsAdded "MAX_CONTAINS_ADDED" "maxContains was added",
    MaxContainsDecreased "MAX_CONTAINS_DECREASED" "maxContains is less",
    MinContainsAdded "MIN_CONTAINS_ADDED" "minContains was added",
    MinContainsIncreased "MIN_CONTAINS_INCREASED" "minContains is more",
    UniqueItemsAdded "UNIQUE_ITEMS_ADDED" "uniqueItems was added",
    AdditionalItemsRemoved "ADDITIONAL_ITEMS_REMOVED" "further items are no longer allowed",
    AdditionalItemsNarrowed "ADDITIONAL_ITEMS_NARROWED" "further items got a schema",
    ItemAddedToOpenContentModel "ITEM_ADDED_TO_OPEN_CONTENT_MODEL" "an item with a schema was added to an array that allowed any value there",
    ItemAddedNotCoveredByPartiallyOpenContentModel "ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL" "an item was added whose schema does not extend the one that held for it before",
    ItemRemovedFromClosedContentModel "ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL" "an item was removed from an array that allows no others",
    ItemRemovedNotCoveredByPartiallyOpenContentModel "ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL" "an item was removed, and the schema that now holds for it does not extend the old one",
    TooComplex "TOO_COMPLEX" "the schemas are too deep or too large to be compared: at most 300 levels and 500,000 pairs of sub-schemas",
}

impl fmt::Display for Incompatibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.path, self.difference.describe(), self.difference.code())
    }
}
