/// Collects values of fixed width.
package struct PrimitiveBuilder<Element: BitwiseCopyable & Sendable & ExpressibleByIntegerLiteral>: Sendable {
    private var values: [Element] = []
    private var validity = BitmapBuilder()

    package init(capacity: Int = 0) {
        values.reserveCapacity(capacity)
        validity.reserve(capacity)
    }

    package var count: Int { values.count }

    package mutating func append(_ value: Element) {
        values.append(value)
        validity.append(true)
    }

    package mutating func appendNull() {
        values.append(0)
        validity.append(false)
    }

    package mutating func append(_ value: Element?) {
        if let value { append(value) } else { appendNull() }
    }

    package consuming func finish() -> PrimitiveArray<Element> { PrimitiveArray(values, validity: validity.finishValidity()) }
}
