// Asks the server for a page: what failed is kept for the page to say, everything else stays a fault of the program.
import { shallowRef, type ShallowRef } from 'vue'
import { ApiFailure } from '../api/client'

export interface Trying {
  failure: ShallowRef<ApiFailure | null>
  tried<T>(work: Promise<T>): Promise<T | null>
}

export function useTrying(): Trying {
  const failure = shallowRef<ApiFailure | null>(null)
  async function tried<T>(work: Promise<T>): Promise<T | null> {
    failure.value = null
    try {
      return await work
    } catch (cause) {
      if (!(cause instanceof ApiFailure)) throw cause
      failure.value = cause
      return null
    }
  }
  return { failure, tried }
}
