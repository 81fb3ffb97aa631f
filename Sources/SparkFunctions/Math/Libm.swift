#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The C library's functions under names that do not clash with this module's.
enum Libm {
    static func sin(_ x: Double) -> Double { c_sin(x) }
    static func cos(_ x: Double) -> Double { c_cos(x) }
    static func tan(_ x: Double) -> Double { c_tan(x) }
    static func asin(_ x: Double) -> Double { c_asin(x) }
    static func acos(_ x: Double) -> Double { c_acos(x) }
    static func atan(_ x: Double) -> Double { c_atan(x) }
    static func sinh(_ x: Double) -> Double { c_sinh(x) }
    static func cosh(_ x: Double) -> Double { c_cosh(x) }
    static func tanh(_ x: Double) -> Double { c_tanh(x) }
    static func cbrt(_ x: Double) -> Double { c_cbrt(x) }
    static func exp(_ x: Double) -> Double { c_exp(x) }
    static func expm1(_ x: Double) -> Double { c_expm1(x) }
    static func log(_ x: Double) -> Double { c_log(x) }
    static func log1p(_ x: Double) -> Double { c_log1p(x) }
    static func log10(_ x: Double) -> Double { c_log10(x) }
    static func atan2(_ x: Double, _ y: Double) -> Double { c_atan2(x, y) }
    static func pow(_ x: Double, _ y: Double) -> Double { c_pow(x, y) }
    static func hypot(_ x: Double, _ y: Double) -> Double { c_hypot(x, y) }
}

// Outside of the enum, where the names mean C's.
private func c_sin(_ x: Double) -> Double { sin(x) }
private func c_cos(_ x: Double) -> Double { cos(x) }
private func c_tan(_ x: Double) -> Double { tan(x) }
private func c_asin(_ x: Double) -> Double { asin(x) }
private func c_acos(_ x: Double) -> Double { acos(x) }
private func c_atan(_ x: Double) -> Double { atan(x) }
private func c_sinh(_ x: Double) -> Double { sinh(x) }
private func c_cosh(_ x: Double) -> Double { cosh(x) }
private func c_tanh(_ x: Double) -> Double { tanh(x) }
private func c_cbrt(_ x: Double) -> Double { cbrt(x) }
private func c_exp(_ x: Double) -> Double { exp(x) }
private func c_expm1(_ x: Double) -> Double { expm1(x) }
private func c_log(_ x: Double) -> Double { log(x) }
private func c_log1p(_ x: Double) -> Double { log1p(x) }
private func c_log10(_ x: Double) -> Double { log10(x) }
private func c_atan2(_ x: Double, _ y: Double) -> Double { atan2(x, y) }
private func c_pow(_ x: Double, _ y: Double) -> Double { pow(x, y) }
private func c_hypot(_ x: Double, _ y: Double) -> Double { hypot(x, y) }
