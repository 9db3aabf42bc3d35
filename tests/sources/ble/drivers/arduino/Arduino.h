// As much of Arduino as the band's sketch needs, with a clock that the test turns.
#pragma once
#include <cstdint>
#include <cstdlib>

enum { LOW, HIGH, INPUT, OUTPUT, RISING, LED_RED, LED_BLUE, PIN_LSM6DS3TR_C_INT1 };

extern uint32_t now_us;
extern void (*interrupt_handler)();
extern int light_changes;

inline uint32_t micros() { return now_us; }
inline uint32_t millis() { return now_us / 1000; }
inline void delay(int) { std::exit(3); }
inline void noInterrupts() {}
inline void interrupts() {}
inline void pinMode(int, int) {}
inline void digitalWrite(int, int level) { light_changes += level == LOW; }
inline int digitalPinToInterrupt(int pin) { return pin; }
inline void attachInterrupt(int, void (*handler)(), int) { interrupt_handler = handler; }
