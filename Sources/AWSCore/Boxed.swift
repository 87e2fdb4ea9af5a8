/// A value on the heap: for what is large, rare, and part of values that are copied often, such as a failure in a result.
package final class Boxed<Value: Sendable>: Sendable {
    /// The value.
    package let value: Value

    /// Moves a value there.
    package init(_ value: Value) { self.value = value }
}
