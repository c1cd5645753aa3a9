//! Fields that become another type.

use crate::*;

#[test]
fn cast() {
    let date = Schema::logical_builder(Logical::Date).optional().build();
    let with_default = Schema::builder(Kind::Int32).doc("d").default_value(Value::Int32(300)).build();
    let input = record(structure([
        ("d", date.clone(), Value::Date(8037)),
        ("n", with_default, Value::Int32(1)),
        ("x", Schema::required(Kind::Float64), Value::Float64(1e10)),
        ("same", date.clone(), Value::Null),
    ]));
    let value = changed("Cast$Value", &[("spec", "d:string, n:int8,x:string")], input).value;
    let narrowed = Schema::builder(Kind::Int8).default_value(Value::Int8(44)).build();
    let expected = structure([
        ("d", Schema::optional(Kind::String), Value::string("1992-01-03")),
        ("n", narrowed, Value::Int8(1)),
        ("x", Schema::required(Kind::String), Value::string("1.0E10")),
        ("same", date, Value::Null),
    ]);
    assert_eq!(value, expected);
    let value = changed("Cast$Value", &[("spec", "a:int64,z:int8")], schemaless([("a", Value::string("5"))]))
        .value
        .value;
    assert_eq!(value, map([("a", Value::Int64(5)), ("z", Value::Null)]));
    let whole =
        record(Datum::new(Schema::builder(Kind::Int32).name("n").optional().build(), Value::Int32(5)));
    let value = changed("Cast$Value", &[("spec", "string")], whole).value;
    assert_eq!(
        value,
        Datum::new(Schema::builder(Kind::String).name("n").optional().build(), Value::string("5"))
    );
    assert!(message(run("Cast$Value", &[("spec", "b:int8")], a_and_b())).contains("out of range"));
    for (spec, why) in [
        ("a:bytes", "does not support casting to BYTES"),
        ("a:b", "Invalid type found in casting spec: b"),
        ("a:int8:c", "Invalid rename mapping"),
        ("int8,a:int8", "may only specify"),
    ] {
        assert!(refused("Cast$Value", &[("spec", spec)]).contains(why), "{spec}");
    }
}

#[test]
fn of_a_field_that_is_cast_twice_the_last_type_counts() {
    let config = [("spec", "a:int8,a:int32")];
    let without = changed("Cast$Value", &config, schemaless([("a", Value::Int64(300))]));
    assert_eq!(without.value, Datum::schemaless(map([("a", Value::Int32(300))])));
    let row = structure([("a", Schema::required(Kind::Int64), Value::Int64(300))]);
    let with = changed("Cast$Value", &config, record(row));
    assert_eq!(with.value.value.as_struct().unwrap().get("a"), Some(&Value::Int32(300)));
}

#[test]
fn a_row_is_converted_by_its_own_schema() {
    let (time, text) = (Schema::logical_builder(Logical::Timestamp).build(), Schema::required(Kind::String));
    let row = structure([("b", text.clone(), Value::string("x")), ("a", time.clone(), Value::Timestamp(5))]);
    let other = structure([("a", time, Value::Timestamp(7))]);
    let config = [("field", "a"), ("target.type", "unix")];
    let record = record(Datum { schema: other.schema, value: row.value });
    let value = changed("TimestampConverter$Value", &config, record).value;
    let row = value.value.as_struct().unwrap();
    assert_eq!(value.schema.as_ref(), Some(row.schema()));
    assert_eq!(row.values(), [Value::string("x"), Value::Int64(5)]);
}
